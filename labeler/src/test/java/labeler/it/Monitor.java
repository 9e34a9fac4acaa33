package labeler.it;

import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
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

    /** Returns once qemu answers. A guarded socket is there before qemu is. */
    void await() {
        eventually("qemu listens on " + socket, this::listens);
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
            assertThat(channel.read(ByteBuffer.allocate(1))).isEqualTo(1);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    /** Whether qemu listens. A socket has its name before that. */
    boolean listens() {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }

    /** The answer of qemu to a command to open a file, by the human monitor, which the guard may let pass. */
    String open(Path file, boolean readOnly) throws IOException {
        String mode = readOnly ? "readonly=on" : "readonly=off,auto-read-only=off";
        String answer = execute(
                "{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"drive_add 0 if=none,id=n"
                        + System.nanoTime() + ",format=raw,file=" + file + "," + mode + "\"}}");
        return answer.contains("OK") ? answer : answer.replace("\"return\"", "\"error\"");
    }

    /**
     * Whether this many bytes of a drive or a node all have this pattern. Read over NBD, since qemu-io within qemu
     * reports only on its standard output, and here nothing at all.
     */
    boolean reads(String drive, int pattern, int offset, int length) throws IOException {
        Path nbd = socket.resolveSibling(socket.getFileName() + ".nbd");
        String address = "{\"type\":\"unix\",\"data\":{\"path\":\"" + nbd + "\"}}";
        done("{\"execute\":\"nbd-server-start\",\"arguments\":{\"addr\":" + address + "}}");
        done("{\"execute\":\"nbd-server-add\",\"arguments\":{\"device\":\"" + drive + "\"}}");
        byte[] content = NbdClient.read(nbd, drive);
        done("{\"execute\":\"nbd-server-stop\"}");
        // Landlock lets qemu make sockets, but not remove them.
        Files.deleteIfExists(nbd);
        return IntStream.range(offset, offset + length).allMatch(at -> (content[at] & 0xff) == pattern);
    }

    private void done(String command) throws IOException {
        String answer = execute(command);
        if (!answer.contains("\"return\"")) {
            throw new AssertionError(command + ": " + answer);
        }
    }

    /** Runs a qemu-io command on one of its drives. Only the drive's content shows whether it worked. */
    String qemuIo(String drive, String command) throws IOException {
        return execute("{\"execute\":\"human-monitor-command\",\"arguments\":{\"command-line\":\"qemu-io " + drive
                + " \\\"" + command + "\\\"\"}}");
    }

    /** The answer to one command. */
    String execute(String command) throws IOException {
        return execute(channel ->
                channel.write(ByteBuffer.wrap((CAPABILITIES + command + "\n").getBytes(StandardCharsets.UTF_8))));
    }

    /** Ends qemu. The answer is not awaited: qemu drops unread answers when it ends. */
    void quit() throws IOException {
        try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            channel.connect(UnixDomainSocketAddress.of(socket));
            channel.write(
                    ByteBuffer.wrap((CAPABILITIES + "{\"execute\":\"quit\"}\n").getBytes(StandardCharsets.UTF_8)));
            // Until it has ended: if the connection closes first, unread commands are lost.
            ByteBuffer rest = ByteBuffer.allocate(4096);
            int length;
            do {
                length = channel.read(rest.clear());
            } while (length > 0);
        } catch (SocketException e) {
            // Reset: it has ended with unread data. That is also an end.
            return;
        }
    }

    /** Hands a file over, as a user with the file and the monitor could. */
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
            while (answer(answers).isEmpty() && channel.read(buffer.clear()) > 0) {
                answers.append(StandardCharsets.UTF_8.decode(buffer.flip()));
            }
            return answer(answers).orElse("no answer");
        }
    }

    /** The answer, a line after the greeting and the answer to the capabilities. Events may precede any. */
    private static Optional<String> answer(CharSequence lines) {
        return lines.toString()
                .substring(0, lines.toString().lastIndexOf('\n') + 1)
                .lines()
                .filter(line -> !line.contains("\"event\""))
                .skip(2)
                .findFirst();
    }
}
