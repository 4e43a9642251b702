export default {
  zh: { title: "首页", lead: "您可以做的事", hello: "{name}，您好" },
  en: { title: "Home", lead: "What you can do here", hello: "Good day, {name}" },
};
