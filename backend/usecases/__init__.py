"""One verb, one file, one public function: load, decide, record."""
