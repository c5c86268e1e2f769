/** An SMTP server, and how to speak to it. */
export interface SmtpServer {
  readonly host: string
  readonly port: number
  /** Go over to TLS where the server offers it (STARTTLS). */
  readonly tls: boolean
  /** TLS from the first byte. */
  readonly ssl: boolean
  readonly username?: string
  readonly password?: string
  /** Whether the conversation is written to the task's log. */
  readonly debug: boolean
  readonly connectSeconds: number
  readonly socketSeconds: number
}

/** What the worker's settings say of `mail>`: its server counts only for tasks that name none. */
export interface MailSettings {
  readonly server?: SmtpServer
  readonly from?: string
  readonly subject?: string
}

export const defaultConnectSeconds = 60
export const defaultSocketSeconds = 180
/** 465 is the port for TLS from the first byte, 587 the one for submission. */
export const defaultPort = (ssl: boolean): number => (ssl ? 465 : 587)
