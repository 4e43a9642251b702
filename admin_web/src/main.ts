import ElementPlus from "element-plus";
import "element-plus/dist/index.css";
import "element-plus/theme-chalk/dark/css-vars.css";
import { createApp } from "vue";

import App from "./App.vue";
import { areas } from "./areas";
import { router } from "./router";
import "./style.css";
import { addWords, i18n, language, speak } from "./words";

for (const area of areas) addWords(area.name, area.words);
speak(language.value);
createApp(App).use(i18n).use(router).use(ElementPlus).mount("#app");
