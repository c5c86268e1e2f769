import { STATUS_CODES } from 'node:http'
import type { Socket } from 'node:net'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'
import type { ErrorAnswer } from '../schemas/common.ts'

/** Requests that reach no route, in the shape of all errors. */

type Malformed = readonly [status: number, code: string, message: string]

const badRequest: Malformed = [
  400,
  'REQUEST_MALFORMED',
  'This is not a request in the form of HTTP/1.1',
]

const known: Readonly<Record<string, Malformed>> = {
  ERR_HTTP_REQUEST_TIMEOUT: [
    408,
    'REQUEST_TIMEOUT',
    'The request did not arrive in time. Send it again, faster or smaller',
  ],
  HPE_HEADER_OVERFLOW: [
    431,
    'HEADERS_TOO_LARGE',
    'Address and headers are too long: together they may have 16 KiB',
  ],
  FST_ERR_BAD_URL: [
    400,
    'URL_INVALID',
    'The address has a "%" that begins no UTF-8 character: write it as %25',
  ],
  FST_ERR_MAX_PARAM_LENGTH: [414, 'URL_TOO_LONG', 'A part of the address is too long'],
}

type Headers = Readonly<Record<string, string>>

/** What the router cannot read; no hook runs for it, so that the headers of every answer are given here. */
export const unroutable =
  (always: Headers) =>
  (error: FastifyError, _: FastifyRequest, reply: FastifyReply): void => {
    const [status, code, message] = known[error.code] ?? badRequest
    void reply
      .code(status)
      .headers(always)
      .type('application/json')
      .send(JSON.stringify({ message, status, code } satisfies ErrorAnswer))
  }

/** What Node cannot read; there is nothing but the socket. */
export const unreadable =
  (always: Headers) =>
  (error: Error & { readonly code?: string }, socket: Socket): void => {
    // Nobody is there to read an answer.
    if (error.code === 'ECONNRESET' || socket.destroyed) return
    const [status, code, message] = known[error.code ?? ''] ?? badRequest
    const body = JSON.stringify({ message, status, code } satisfies ErrorAnswer)
    const headers = {
      ...always,
      'content-type': 'application/json; charset=utf-8',
      'content-length': Buffer.byteLength(body),
      connection: 'close',
    }
    const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`)
    if (socket.writable) {
      socket.write(`HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\n${lines.join('')}\r\n${body}`)
    }
    socket.destroySoon()
  }
