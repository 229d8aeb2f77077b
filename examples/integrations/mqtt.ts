/**
 * mqtt over a socket of ours: the client is given what makes its stream, each
 * time it connects.
 *
 * @module
 */

import { type IClientOptions, MqttClient } from "mqtt";
import { createConnection, type NodeSocket } from "../../src/node/mod.ts";

/** A client of an MQTT broker on this machine. */
export function openMqtt(
  port: number,
  options: IClientOptions = {},
  make: () => NodeSocket = () => createConnection(port, "127.0.0.1"),
): MqttClient {
  return new MqttClient(make, options);
}
