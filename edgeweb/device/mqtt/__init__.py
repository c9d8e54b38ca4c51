"""MQTT: the device speaks to a broker that others run, and Home Assistant finds it there.

One noun a module:

| module         | what it has                                                                |
|----------------|----------------------------------------------------------------------------|
| `settings.py`  | the profile's `[mqtt]`, checked together, and the password                 |
| `identity.py`  | the device's id, the same for its whole life                               |
| `topics.py`    | names of topics, and the payloads of states                                |
| `commands.py`  | from a payload, such as `PULSE 500`, to an action of `channels/actions.py` |
| `discovery.py` | what Home Assistant is shown: one document for the whole device            |
| `outbox.py`    | what waits for the broker, bounded                                         |
| `link.py`      | the connection: paho's client in a thread of its own                       |
| `faults.py`    | why there is no connection, and the next step                              |
| `publisher.py` | between the device and the link: what has changed, and who may command     |

Control never waits for a broker. `Publisher.changed` is called with locks of pins held, and sets a timer. The
thread `edgeweb-events` compares the states in memory with those that were published, and puts the differences
into the outbox. The thread `edgeweb-mqtt` alone speaks to paho: it sends what the outbox has, at most
`link.WINDOW` messages ahead of the broker. While there is none, the outbox has one payload a topic and counts
the events that it drops. A connection begins with all states: paho's own queue, which would send old states
first, is thrown away with its client.

A command calls the operation that a request calls, as the actor `mqtt` with the role of `mqtt.role`; so
roles, interlocks and the audit log are the same. Commands that the broker has kept, or sends again, are not
run.
"""
