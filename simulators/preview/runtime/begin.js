// A file of its own: the preview's content security policy allows no script inside the page.
performance.mark('preview:begin');
__bundle(__startPhone);
