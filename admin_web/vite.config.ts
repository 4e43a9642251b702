// Builds dist/, which the server gives out under /office. No script and no style stands in the
// page itself: the server's content security policy allows none.
import { fileURLToPath } from "node:url";

import vue from "@vitejs/plugin-vue";
import { defineConfig } from "vite";

const SERVER = "http://127.0.0.1:8700";

export default defineConfig({
  base: "/office/",
  plugins: [vue()],
  resolve: { alias: { "@": fileURLToPath(new URL("src", import.meta.url)) } },
  define: { __VUE_OPTIONS_API__: "false", __INTLIFY_PROD_DEVTOOLS__: "false" },
  build: {
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 1200,
    modulePreload: { polyfill: false },
    rollupOptions: {
      output: {
        manualChunks(id) {
          if (/node_modules\/(echarts|zrender)\//.test(id)) return "charts";
          if (/node_modules\/(element-plus|@element-plus|@vueuse)\//.test(id)) return "elements";
          if (/node_modules\//.test(id)) return "frame";
          return undefined;
        },
      },
    },
  },
  server: {
    proxy: { "^/(staff|admin|merchant|open)/": { target: SERVER, changeOrigin: false } },
  },
});
