// The phone itself: its screen, its sizes, its keys.
import { agreeing, asynchronous, fail, succeed } from './answers.mjs';

const LIBRARY = '3.15.0'; // base library the preview stands for

function windowInfo() {
  const stage = document.getElementById('stage');
  const statusBarHeight = document.getElementById('status')?.offsetHeight ?? 0;
  const width = innerWidth;
  const height = innerHeight;
  return {
    windowWidth: width,
    windowHeight: stage?.clientHeight || height,
    screenWidth: width,
    screenHeight: height,
    pixelRatio: devicePixelRatio,
    statusBarHeight,
    screenTop: 0,
    safeArea: { left: 0, right: width, top: statusBarHeight, bottom: height, width,
      height: height - statusBarHeight },
  };
}

function appInfo(phone) {
  const { language, fontSize } = phone.state;
  return {
    SDKVersion: LIBRARY,
    version: '8.0.60',
    language,
    theme: 'light',
    enableDebug: false,
    fontSizeSetting: fontSize,
    fontSizeScaleFactor: fontSize / 16,
    host: { env: 'WeChat', version: '8.0.60', appId: '' },
  };
}

function deviceInfo(phone) {
  const isApple = phone.state.platform === 'ios';
  return {
    brand: isApple ? 'iPhone' : 'preview',
    model: 'preview',
    platform: phone.state.platform,
    system: isApple ? 'iOS 17.0' : 'Android 14',
    abi: 'arm64-v8a',
    deviceAbi: 'arm64-v8a',
    benchmarkLevel: isApple ? -1 : 30,
    cpuType: '',
    memorySize: '8192',
  };
}

function infoMembers(phone) {
  const all = () => ({ ...windowInfo(), ...appInfo(phone), ...deviceInfo(phone) });
  const capsule = { width: 87, height: 32, right: innerWidth - 7, left: innerWidth - 94 };
  return {
    getWindowInfo: windowInfo,
    getAppBaseInfo: () => appInfo(phone),
    getDeviceInfo: () => deviceInfo(phone),
    getSystemInfoSync: all,
    getSystemInfo: asynchronous((options) => succeed('getSystemInfo', options, all())),
    getSystemSetting: () => ({
      bluetoothEnabled: true,
      locationEnabled: true,
      wifiEnabled: true,
      deviceOrientation: innerWidth > innerHeight ? 'landscape' : 'portrait',
    }),
    getMenuButtonBoundingClientRect: () => {
      const top = windowInfo().statusBarHeight + 6;
      return { ...capsule, top, bottom: top + capsule.height };
    },
    getAccountInfoSync: () => ({
      miniProgram: { appId: 'wx0000000000000000', envVersion: 'develop', version: '' },
    }),
    onWindowResize: (listener) => phone.listen('windowResize', listener),
    offWindowResize: (listener) => phone.unlisten('windowResize', listener),
    onThemeChange: (listener) => phone.listen('themeChange', listener),
    offThemeChange: (listener) => phone.unlisten('themeChange', listener),
  };
}

function screenMembers(phone) {
  const on = (event) => (listener) => phone.listen(event, listener);
  const off = (event) => (listener) => phone.unlisten(event, listener);
  return {
    setScreenBrightness: asynchronous((options) => {
      phone.note('setScreenBrightness', options);
      phone.brightness.now = options.value;
      phone.brightness.set.push(options.value);
      succeed('setScreenBrightness', options);
    }),
    getScreenBrightness: asynchronous((options) => {
      succeed('getScreenBrightness', options, { value: phone.brightness.now });
    }),
    setKeepScreenOn: agreeing(phone, 'setKeepScreenOn'),
    setVisualEffectOnCapture: agreeing(phone, 'setVisualEffectOnCapture'),
    onUserCaptureScreen: on('userCaptureScreen'),
    offUserCaptureScreen: off('userCaptureScreen'),
    onScreenRecordingStateChanged: on('screenRecordingStateChanged'),
    offScreenRecordingStateChanged: off('screenRecordingStateChanged'),
    getScreenRecordingState: asynchronous((options) => {
      const state = phone.state.isRecording ? 'on' : 'off';
      succeed('getScreenRecordingState', options, { state });
    }),
  };
}

export function deviceMembers(phone) {
  return {
    ...infoMembers(phone),
    ...screenMembers(phone),
    vibrateShort: agreeing(phone, 'vibrateShort'),
    vibrateLong: agreeing(phone, 'vibrateLong'),
    makePhoneCall: agreeing(phone, 'makePhoneCall'),
    setClipboardData: asynchronous((options) => {
      phone.note('setClipboardData', options);
      phone.clipboard = options.data;
      succeed('setClipboardData', options);
    }),
    getClipboardData: asynchronous((options) => {
      succeed('getClipboardData', options, { data: phone.clipboard ?? '' });
    }),
    scanCode: asynchronous((options) => {
      phone.note('scanCode', options);
      const { scan } = phone.state;
      if (!scan) fail('scanCode', options, 'cancel');
      else succeed('scanCode', options, { result: scan, scanType: 'QR_CODE', charSet: 'utf-8' });
    }),
    getRandomValues: asynchronous((options) => {
      const { buffer } = crypto.getRandomValues(new Uint8Array(options.length));
      succeed('getRandomValues', options, { randomValues: buffer });
    }),
  };
}
