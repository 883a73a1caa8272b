import type { Certificates } from '../certificates.ts';
import { startAutopush } from './autopush.ts';
import { startConnectProxy } from './connect-proxy.ts';
import { type Endpoint, startEndpoint } from './endpoint.ts';
import { Devices } from './gcm/devices.ts';
import { startMessageStream } from './gcm/mcs.ts';
import { startRegistration } from './gcm/registration.ts';
import { createSimulatedBrowser, type SimulatedBrowser } from './simulated-browser.ts';
import { type Acknowledgement, Subscriptions } from './subscriptions.ts';

export interface PushService extends Omit<Endpoint, 'port' | 'close'> {
  /** Where the service listens; endpoints of simulated browsers are there. `localhost:PORT` */
  host: string;
  /** What browsers told about messages, in order. */
  acknowledgements: Acknowledgement[];
  /** Environment for a server under test that is to reach this service by every push service's real name. */
  environment: { HTTPS_PROXY: string; NODE_EXTRA_CA_CERTS: string };
  /** Every `host:port` that was asked of the proxy. */
  proxied: string[];
  /** Command line of a Chromium that shall use this service. */
  chromiumArguments: string[];
  /** Preferences of a Firefox that shall use this service. */
  firefoxPreferences: Record<string, string | boolean>;
  /** A subscription that no browser stands behind, for tests with many. */
  subscribe(applicationServerKey: string | null): SimulatedBrowser;
  /** Ends a subscription at the service, as when a browser is uninstalled: the endpoint answers 410. */
  expire(endpoint: string): void;
  close(): Promise<void>;
}

/**
 * A whole push service on this machine: RFC 8030 with RFC 8292 towards application servers; Mozilla's and Google's
 * protocols towards Firefox and Chromium, which use it as they use the real ones.
 */
export async function startPushService(certificates: Certificates): Promise<PushService> {
  const subscriptions = new Subscriptions();
  const devices = new Devices();
  const endpoint = await startEndpoint(certificates, subscriptions);
  const proxy = await startConnectProxy(endpoint.port);
  const autopush = await startAutopush(subscriptions, 'https://updates.push.services.mozilla.com');
  const registration = await startRegistration(devices, subscriptions);
  const stream = await startMessageStream(certificates, devices, subscriptions);
  const host = `localhost:${endpoint.port}`;
  return {
    host,
    requests: endpoint.requests,
    accepted: endpoint.accepted,
    disturb: endpoint.disturb,
    acknowledgements: subscriptions.acknowledgements,
    environment: { HTTPS_PROXY: proxy.url, NODE_EXTRA_CA_CERTS: certificates.authorityFile },
    proxied: proxy.asked,
    chromiumArguments: [
      `--gcm-checkin-url=${registration.url}/checkin`,
      `--gcm-registration-url=${registration.url}/c2dm/register3`,
      `--gcm-mcs-endpoint=https://localhost:${stream.port}`,
      `--ignore-certificate-errors-spki-list=${certificates.pin}`,
    ],
    firefoxPreferences: {
      'dom.push.serverURL': autopush.url,
      'dom.push.testing.allowInsecureServerURL': true,
      // automation turns the push connection off
      'dom.push.connection.enabled': true,
    },
    subscribe: (applicationServerKey) =>
      createSimulatedBrowser(subscriptions, `https://${host}/push`, applicationServerKey),
    expire: (address) => subscriptions.remove(decodeURIComponent(address.split('/').at(-1) ?? '')),
    async close() {
      await Promise.all([endpoint, proxy, autopush, registration, stream].map((part) => part.close()));
    },
  };
}
