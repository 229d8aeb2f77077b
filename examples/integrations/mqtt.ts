/**
 * mqtt over a socket of ours: the client is given what makes its stream, each
 * time it connects.
 *
 * @module
 */

import { type IClientOptions, MqttClient } from "mqtt";
import { createConnection } from "../../src/node/mod.ts";

/** A client of an MQTT broker on this machine. */
export function openMqtt(
  port: number,
  options: IClientOptions = {},
): MqttClient {
  return new MqttClient(() => createConnection(port, "127.0.0.1"), options);
}
