"""A service manager for one service, which does what systemd does with NOTIFY_SOCKET and the descriptor store.

service_manager.py DIRECTORY LISTENING COMMAND...

Listens at LISTENING, unless that is "-", and hands this to the command as descriptor 3, and behind it all that the service
had it keep (sd_listen_fds_with_names(3), sd_notify(3)). SIGHUP restarts the service, SIGUSR1 kills it with SIGKILL and
starts it again, SIGUSR2 stops it until the next SIGHUP, SIGTERM ends both. DIRECTORY/status says what there is.
"""

import array
import fcntl
import os
import select
import signal
import socket
import sys

HIGH = 500


class Manager:
    def __init__(self, directory, listening, command):
        self.directory = directory
        self.command = command
        self.kept = []
        self.starts = 0
        self.pid = 0
        self.ready = False
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.bind(os.path.join(directory, "notify"))
        self.listening = None
        if listening != "-":
            self.listening = socket.socket(socket.AF_UNIX)
            self.listening.bind(listening)
            os.chmod(listening, 0o660)
            self.listening.listen(128)
        # The number of a signal comes in here.
        self.signals, waking = socket.socketpair()
        self.signals.setblocking(False)
        waking.setblocking(False)
        signal.set_wakeup_fd(waking.fileno())
        self.waking = waking
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, lambda *_: None)

    def start(self):
        passed = [] if self.listening is None else [("labelerd.socket", self.listening.fileno())]
        passed += self.kept
        self.ready = False
        self.starts += 1
        self.pid = os.fork()
        if self.pid == 0:
            self.execute(passed)
        self.tell()

    def execute(self, passed):
        """In the child: the descriptors at their places, and the environment that says so."""
        signal.set_wakeup_fd(-1)
        for number in (signal.SIGHUP, signal.SIGUSR1, signal.SIGUSR2, signal.SIGTERM, signal.SIGCHLD):
            signal.signal(number, signal.SIG_DFL)
        high = [fcntl.fcntl(descriptor, fcntl.F_DUPFD_CLOEXEC, HIGH) for _, descriptor in passed]
        for index, descriptor in enumerate(high):
            os.dup2(descriptor, 3 + index)
        environment = dict(os.environ, NOTIFY_SOCKET=os.path.join(self.directory, "notify"))
        for name in ("LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"):
            environment.pop(name, None)
        if passed:
            environment["LISTEN_PID"] = str(os.getpid())
            environment["LISTEN_FDS"] = str(len(passed))
            environment["LISTEN_FDNAMES"] = ":".join(name for name, _ in passed)
        os.closerange(3 + len(passed), HIGH)
        os.execve(self.command[0], self.command, environment)

    def tell(self):
        lines = ["pid %d" % self.pid, "starts %d" % self.starts, "ready %d" % self.ready]
        lines += ["kept " + name for name, _ in self.kept]
        with open(os.path.join(self.directory, "status.new"), "w") as status:
            status.write("\n".join(lines) + "\n")
        os.rename(os.path.join(self.directory, "status.new"), os.path.join(self.directory, "status"))

    def receive(self):
        message, ancillary, flags, _ = self.notify.recvmsg(65536, socket.CMSG_SPACE(253 * 4), socket.MSG_CMSG_CLOEXEC)
        if flags & socket.MSG_CTRUNC:
            raise SystemExit("descriptors were cut off")
        descriptors = array.array("i")
        for level, kind, data in ancillary:
            if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                descriptors.frombytes(data)
        fields = dict(line.split("=", 1) for line in message.decode().splitlines())
        name = fields.get("FDNAME", "stored")
        if ":" in name or len(name) > 255:
            raise SystemExit("no name of a descriptor: " + name)
        if fields.get("READY") == "1":
            self.ready = True
        if fields.get("FDSTOREREMOVE") == "1":
            self.drop(lambda kept: kept[0] == name)
        for descriptor in descriptors:
            known = any(os.path.samestat(os.fstat(one), os.fstat(descriptor)) for _, one in self.kept)
            if fields.get("FDSTORE") == "1" and not known:
                self.kept.append((name, descriptor))
            else:
                os.close(descriptor)
        self.tell()

    def drop(self, condition):
        for kept in [kept for kept in self.kept if condition(kept)]:
            self.kept.remove(kept)
            os.close(kept[1])

    def wait(self, poll, on_signal):
        """Serves one round. What has been hung up is dropped, as systemd does it."""
        for descriptor, events in poll.poll(1000):
            if descriptor == self.notify.fileno():
                self.receive()
            elif descriptor == self.signals.fileno():
                for number in self.signals.recv(64):
                    on_signal(number)
            elif events & (select.POLLHUP | select.POLLERR):
                self.drop(lambda kept: kept[1] == descriptor)
                self.tell()

    def poll(self):
        poll = select.poll()
        poll.register(self.notify, select.POLLIN)
        poll.register(self.signals, select.POLLIN)
        for _, descriptor in self.kept:
            poll.register(descriptor, 0)
        return poll

    def has_ended(self):
        if self.pid and os.waitpid(self.pid, os.WNOHANG)[0]:
            self.pid = 0
            self.tell()
        return self.pid == 0

    def run(self):
        self.start()
        wanted = []
        while True:
            self.wait(self.poll(), wanted.append)
            # It ends by itself in no test.
            if self.has_ended() and not wanted:
                raise SystemExit("the service has ended")
            while wanted:
                self.do(wanted.pop(0), wanted)

    def do(self, number, wanted):
        if number == signal.SIGCHLD:
            return
        if self.pid:
            os.kill(self.pid, signal.SIGKILL if number == signal.SIGUSR1 else signal.SIGTERM)
        while not self.has_ended():
            self.wait(self.poll(), lambda _: None)
        if number == signal.SIGTERM:
            raise SystemExit(0)
        if number == signal.SIGUSR2:
            while signal.SIGHUP not in wanted:
                self.wait(self.poll(), wanted.append)
            wanted.clear()
        self.start()


Manager(sys.argv[1], sys.argv[2], sys.argv[3:]).run()
