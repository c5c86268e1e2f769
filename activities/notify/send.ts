import type { HttpSettings } from '../http/settings.ts'
import { sendByHttp } from './http-channel.ts'
import { sendByMail, type Render } from './mail-channel.ts'
import type { Notification } from './notification.ts'
import type { NotificationSettings } from './settings.ts'
import { sendByShell } from './shell-channel.ts'

export interface SendDeps {
  readonly render: Render
  readonly http: HttpSettings
}

/** Sends a notification through the configured channel; answers where it went. */
export function sendNotification(
  { http, render }: SendDeps,
  { channel }: NotificationSettings,
  notification: Notification,
  signal: AbortSignal,
): Promise<string> {
  switch (channel.type) {
    case 'http':
      return sendByHttp(channel, notification, http, signal)
    case 'mail':
      return sendByMail(channel, notification, render, signal)
    case 'shell':
      return sendByShell(channel, notification, signal)
  }
}
