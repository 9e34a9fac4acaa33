"""qemu's own Python client at a guarded socket: connects, asks, hears an event, is refused, leaves."""

import asyncio
import sys

from qemu.qmp import QMPClient
from qemu.qmp.qmp_client import ExecuteError


async def main(place):
    client = QMPClient("proof")
    await client.connect(place)
    print("connected", "qemu" in client.greeting.QMP.version)
    answers = await asyncio.gather(*(client.execute("query-status") for _ in range(50)))
    print("answered", sum("status" in answer for answer in answers))
    with client.listener("RESET") as listener:
        await client.execute("system_reset")
        event = await asyncio.wait_for(listener.get(), 60)
        print("heard", event["event"])
    try:
        await client.execute("human-monitor-command", {"command-line": "quit"})
    except ExecuteError as refusal:
        print("refused", str(refusal).split(":")[0])
    await client.disconnect()
    await client.connect(place)
    print("again", (await client.execute("query-name")) == {})
    await client.disconnect()


asyncio.run(main(sys.argv[1]))
