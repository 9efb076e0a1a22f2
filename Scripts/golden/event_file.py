"""Prints the bytes of a small event file as TensorBoard itself writes it, for EventFileTests.swift.

    pip install tensorboard
    python Scripts/golden/event_file.py
"""

import io

from tensorboard.compat.proto import event_pb2, summary_pb2
from tensorboard.summary.writer.record_writer import RecordWriter

Value = summary_pb2.Summary.Value
events = [
    event_pb2.Event(wall_time=1700000000.25, file_version="brain.Event:2"),
    event_pb2.Event(
        wall_time=1700000001.5,
        step=300,
        session_log=event_pb2.SessionLog(status=event_pb2.SessionLog.START),
    ),
    event_pb2.Event(
        wall_time=1700000002.0,
        step=300,
        summary=summary_pb2.Summary(
            value=[
                Value(tag="train/reward", simple_value=0.625),
                Value(tag="train/kl", simple_value=-1e-3),
            ]
        ),
    ),
]
for event in events:
    file = io.BytesIO()
    RecordWriter(file).write(event.SerializeToString())
    print(file.getvalue().hex())
