import { ipcRenderer } from 'electron';

// One message port and nothing else crosses: the page asks, the shell makes a channel, this hands its end over.
const channel = 'belfry:port';
const console = 'app://console';

if (location.origin === console && process.isMainFrame) {
  ipcRenderer.on(channel, (event) => window.postMessage(channel, console, [...event.ports]));
  window.addEventListener('message', (event) => {
    if (event.source === window && event.origin === console && event.data === 'belfry:want') {
      ipcRenderer.send(channel);
    }
  });
}
