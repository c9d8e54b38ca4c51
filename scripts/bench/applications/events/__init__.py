"""Server-sent events on each peer: /events is the stream, POST /publish sends `event 000001`, 000002, ..."""
