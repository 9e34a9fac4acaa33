package labeler.it;

import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import labeler.linux.Access;
import labeler.linux.FileType;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.OpenRequest;
import labeler.linux.OpenedFile;
import labeler.linux.jna.JnaLinux;

/** The monitor of a running qemu, spoken to in QMP. */
record Monitor(Path socket) {
    private static final String CAPABILITIES = "{\"execute\":\"qmp_capabilities\"}\n";

    /** The options that make qemu listen there. */
    List<String> options() {
        return List.of("-qmp", "unix:" + socket + ",server=on,wait=off");
    }

    /** Returns once qemu listens. */
    void await() {
        for (int tries = 0; tries < 400; tries++) {
            try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
                channel.connect(UnixDomainSocketAddress.of(socket));
                return;
            } catch (IOException e) {
                ServiceFixture.pause(50);
            }
        }
        throw new AssertionError("qemu does not listen on " + socket);
    }

    /** What qemu answers when it is told to open a file as a disk. */
    String open(Path file, boolean readOnly) throws IOException {
        return execute("{\"execute\":\"blockdev-add\",\"arguments\":{\"driver\":\"file\",\"node-name\":\"n"
                + System.nanoTime() + "\",\"filename\":\"" + file + "\",\"read-only\":" + readOnly + "}}");
    }

    /** What qemu-io says that runs within it, on one of its drives. */
    String qemuIo(String drive, String command) throws IOException {
        return execute("{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"qemu-io " + drive
                + " \\\"" + command + "\\\"\"}}");
    }

    /** The answer to one command. */
    String execute(String command) throws IOException {
        return execute(channel ->
                channel.write(ByteBuffer.wrap((CAPABILITIES + command + "\n").getBytes(StandardCharsets.UTF_8))));
    }

    /** Hands a file over, as somebody could who has the file and the monitor. */
    String hand(Path file, Access access) throws IOException {
        Linux linux = JnaLinux.create();
        OpenRequest request = new OpenRequest(access, EnumSet.of(FileType.REGULAR), OpenRequest.Links.NONE);
        try (OpenedFile opened = (OpenedFile) linux.open().open(HostPath.of(file), request)) {
            return execute(channel -> {
                channel.write(ByteBuffer.wrap(CAPABILITIES.getBytes(StandardCharsets.UTF_8)));
                linux.sockets()
                        .send(
                                channel,
                                "{\"execute\":\"add-fd\"}\n".getBytes(StandardCharsets.UTF_8),
                                List.of(opened.descriptor()));
            });
        }
    }

    private interface Sending {
        void send(SocketChannel channel) throws IOException;
    }

    private String execute(Sending command) throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            command.send(channel);
            StringBuilder answers = new StringBuilder();
            ByteBuffer buffer = ByteBuffer.allocate(4096);
            // The greeting, the answer to the capabilities, the answer to the command: a line each.
            while (answers.chars().filter(c -> c == '\n').count() < 3 && channel.read(buffer.clear()) > 0) {
                answers.append(StandardCharsets.UTF_8.decode(buffer.flip()));
            }
            return answers.toString().lines().skip(2).findFirst().orElse("no answer");
        }
    }
}
