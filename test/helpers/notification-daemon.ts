import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import dbus, { type Variant } from 'dbus-next';
import { collect } from './process.ts';

/** A notification as the system was asked to show it (Desktop Notifications Specification 1.2). */
export interface SystemNotification {
  id: number;
  title: string;
  body: string;
  /** action name → label; a click on the notification itself is `default` */
  actions: Map<string, string>;
  /** Everything but pictures. */
  hints: Record<string, unknown>;
}

export interface NotificationDaemon {
  /** Environment for a browser that shall show its notifications here. */
  environment: { DBUS_SESSION_BUS_ADDRESS: string };
  /** Everything that was ever shown, in order; a replacement is an entry of its own. */
  shown: SystemNotification[];
  /** What is on the screen. */
  visible(): SystemNotification[];
  /** Clicks a notification, or one of its actions. */
  click(notification: SystemNotification, action?: string): void;
  /** Waves a notification away. */
  dismiss(notification: SystemNotification): void;
  close(): Promise<void>;
}

const closedBy = { person: 2, program: 3 } as const;

class Notifications extends dbus.interface.Interface {
  readonly shown: SystemNotification[] = [];
  readonly visible = new Map<number, SystemNotification>();

  Notify(
    _application: string,
    replaces: number,
    _icon: string,
    title: string,
    body: string,
    actions: string[],
    hints: Record<string, Variant>,
    _timeout: number,
  ) {
    const id = replaces || this.shown.length + 1;
    const pairs = actions.flatMap((name, index) =>
      index % 2 === 0 ? [[name, actions[index + 1] ?? ''] as const] : [],
    );
    const readable = Object.entries(hints).filter(([name]) => !/image|icon_data/.test(name));
    const notification = {
      id,
      title,
      body,
      actions: new Map(pairs),
      hints: Object.fromEntries(readable.map(([name, variant]) => [name, variant.value])),
    };
    this.shown.push(notification);
    this.visible.set(id, notification);
    return id;
  }

  CloseNotification(id: number) {
    if (this.visible.delete(id)) this.NotificationClosed(id, closedBy.program);
  }

  GetCapabilities() {
    return ['body', 'body-markup', 'actions', 'icon-static', 'persistence'];
  }

  GetServerInformation() {
    return ['Belfry tests', 'Belfry', '1.0', '1.2'];
  }

  ActionInvoked(id: number, action: string) {
    return [id, action];
  }

  NotificationClosed(id: number, reason: number) {
    return [id, reason];
  }
}
Notifications.configureMembers({
  methods: {
    Notify: { inSignature: 'susssasa{sv}i', outSignature: 'u' },
    CloseNotification: { inSignature: 'u', outSignature: '' },
    GetCapabilities: { inSignature: '', outSignature: 'as' },
    GetServerInformation: { inSignature: '', outSignature: 'ssss' },
  },
  signals: {
    ActionInvoked: { signature: 'us' },
    NotificationClosed: { signature: 'uu' },
  },
});

/** A D-Bus session of its own on which this process is the desktop that shows notifications. */
export async function startNotificationDaemon(): Promise<NotificationDaemon> {
  const folder = await mkdtemp(join(tmpdir(), 'belfry-dbus-'));
  const daemon = spawn(
    'dbus-daemon',
    ['--session', '--nofork', '--print-address', `--address=unix:path=${folder}/bus`],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  const output = collect(daemon);
  const address = (await output.line((line) => line.startsWith('unix:'))).split(',')[0] ?? '';
  const bus = dbus.sessionBus({ busAddress: address });
  const notifications = new Notifications('org.freedesktop.Notifications');
  bus.export('/org/freedesktop/Notifications', notifications);
  await bus.requestName('org.freedesktop.Notifications', 0);

  return {
    environment: { DBUS_SESSION_BUS_ADDRESS: address },
    shown: notifications.shown,
    visible: () => [...notifications.visible.values()],
    click({ id }, action = 'default') {
      notifications.ActionInvoked(id, action);
    },
    dismiss({ id }) {
      if (notifications.visible.delete(id)) notifications.NotificationClosed(id, closedBy.person);
    },
    async close() {
      bus.disconnect();
      daemon.kill();
      await output.ended;
      await rm(folder, { recursive: true, force: true });
    },
  };
}
