package labeler.qmp;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import labeler.linux.HostPath;
import labeler.linux.LinuxException;
import labeler.linux.PeerIdentity;
import labeler.linux.Pid;
import labeler.linux.UnixSockets;
import labeler.selinux.Level;
import labeler.selinux.SecurityContext;
import org.apache.commons.io.IOUtils;

/**
 * Monitors on Unix sockets.
 *
 * @param own this process's context; empty where SELinux is not active
 * @param patience with each answer
 */
public record UnixMonitors(UnixSockets sockets, Optional<SecurityContext> own, Duration patience) implements Monitors {
    /** A qemu whose main loop is held up by storage answers late; beyond this it hangs. */
    public static final Duration PATIENCE = Duration.ofSeconds(30);

    private static final String POLICY =
            "; is labeler's policy module installed, and its boolean labeler_use_monitors on?";

    @Override
    public Opening open(HostPath socket, Pid process, Level level) {
        Optional<SecurityContext> context = own.map(mine -> mine.at(level));
        SocketChannel channel;
        try {
            channel = sockets.create(context.map(text -> text.toString().getBytes(StandardCharsets.UTF_8)));
        } catch (IOException e) {
            return new NotOpen(
                    "no socket can be made" + context.map(text -> " at " + text).orElse("") + " (" + e.getMessage()
                            + ")" + (context.isPresent() ? POLICY : ""));
        }
        boolean open = false;
        try {
            Opening opening = open(channel, socket, process);
            open = opening instanceof Open;
            return opening;
        } catch (LinuxException e) {
            return new NotOpen(socket + ": who listens there cannot be told (" + e.getMessage() + ")");
        } catch (IOException e) {
            return new NotOpen(socket + ": no monitor of qemu's can be reached (" + e.getMessage()
                    + "); start qemu with -qmp unix:SOCKET,server=on,wait=off, and name that with --qmp"
                    + (context.isPresent() ? POLICY : ""));
        } catch (IllegalArgumentException | UnsupportedOperationException e) {
            return new NotOpen(socket + ": not a socket's name (" + e.getMessage() + ")");
        } finally {
            if (!open) {
                IOUtils.closeQuietly(channel);
            }
        }
    }

    private Opening open(SocketChannel channel, HostPath socket, Pid process) throws IOException {
        channel.configureBlocking(false);
        if (!channel.connect(UnixDomainSocketAddress.of(socket.jdkPath()))) {
            throw new IOException("too many wait there already");
        }
        PeerIdentity peer = sockets.peer(channel);
        if (!peer.pid().equals(process)) {
            return new NotOpen(socket + ": process " + peer.pid() + " listens there, and the VM's is " + process
                    + "; name the socket of this VM's qemu, one that qemu itself has made");
        }
        QmpConnection connection = new QmpConnection(channel, sockets, socket.printable(), patience);
        Answer answer = connection.negotiate();
        if (!(answer instanceof Answer.Done)) {
            connection.close();
        }
        return switch (answer) {
            case Answer.Done _ -> new Open(connection);
            case Answer.Refused(String _, String description) -> new NotOpen(socket + ": " + description);
            case Answer.Broken(String message) ->
                new NotOpen(message + "; qemu serves one client at a time: if another one is connected, give labeler a"
                        + " socket of its own");
        };
    }
}
