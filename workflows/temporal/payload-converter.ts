import {
  BinaryPayloadConverter,
  CompositePayloadConverter,
  JsonPayloadConverter,
  UndefinedPayloadConverter,
  type Payload,
} from '@temporalio/common'
import { decode } from '@temporalio/common/lib/encoding.js'
import { parseJson } from '../domain/json-text.ts'

/** JSON in which numbers stay what they are. */
class ExactJsonConverter extends JsonPayloadConverter {
  // oxlint-disable-next-line typescript/no-unnecessary-type-parameters -- it is the SDK's signature
  override fromPayload<Value>(content: Payload): Value {
    if (content.data === undefined || content.data === null) return super.fromPayload(content)
    return parseJson(decode(content.data)) as Value
  }
}

/** Temporal's usual payloads, read by clients, workers and in the workflows' sandbox alike. */
export const payloadConverter = new CompositePayloadConverter(
  new UndefinedPayloadConverter(),
  new BinaryPayloadConverter(),
  new ExactJsonConverter(),
)
