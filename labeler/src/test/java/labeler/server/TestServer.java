package labeler.server;

import com.google.inject.AbstractModule;
import com.google.inject.Injector;
import com.google.inject.Provides;
import com.google.inject.Singleton;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import labeler.api.Definitions;
import labeler.config.Config;
import labeler.config.GuardConfig;
import labeler.config.Overrides;
import labeler.config.ServiceConfig;
import labeler.config.SettingsModule;
import labeler.domain.DomainEvents;
import labeler.guard.emulator.DomainGuard;
import labeler.guard.emulator.DomainLabels;
import labeler.guard.record.AuditLog;
import labeler.guard.record.FileAuditLog;
import labeler.guard.record.LogSize;
import labeler.http.Limits;
import labeler.http.Router;
import labeler.leftover.LibvirtFiles;
import labeler.leftover.LibvirtStates;
import labeler.lifecycle.VmLifecycle;
import labeler.linux.ExtendedAttributes;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.Processes;
import labeler.linux.SafeOpen;
import labeler.linux.UnixSockets;
import labeler.linux.jna.JnaLinux;
import labeler.listen.OwnProcess;
import labeler.listen.PeerRules;
import labeler.mcs.ProcessContexts;
import labeler.selinux.SelinuxHost;
import labeler.vm.VmName;
import labeler.wiring.StrictInjector;
import labeler.work.FileSystemWork;
import labeler.work.WaitLimits;

/** The real server on a real socket, over a lifecycle that labels nothing. */
public final class TestServer implements AutoCloseable {
    private final DomainLabels labels = new DomainLabels(GuardConfig.DEFAULT);
    private final FakeLifecycle lifecycle = new FakeLifecycle();
    private final FakeDefinitions definitions = new FakeDefinitions();
    private final Path socket;
    private final Service service;
    private final Injector injector;

    private TestServer(Path directory, PeerRules rules, Limits limits) throws IOException {
        this.socket = directory.resolve("labeler.sock");
        Config config = Config.DEFAULT.with(new Overrides(
                Optional.of(socket), Optional.of(directory.resolve("state")), Optional.empty(), Optional.empty()));
        this.injector = StrictInjector.of(new SettingsModule(config), new ServiceModule(rules, limits), new Fakes());
        this.service = injector.getInstance(Service.class);
        FileAuditLog audit = injector.getInstance(FileAuditLog.class);
        audit.begin();
        service.closes(audit);
        service.start();
    }

    public static TestServer start(Path directory) throws IOException {
        return start(directory, rules(), Limits.DEFAULT);
    }

    static TestServer start(Path directory, PeerRules rules, Limits limits) throws IOException {
        return new TestServer(directory, rules, limits);
    }

    static PeerRules rules() throws IOException {
        return new PeerRules(Directories.ownUid(), OptionalInt.empty(), List.of());
    }

    public Path socket() {
        return socket;
    }

    public FakeLifecycle lifecycle() {
        return lifecycle;
    }

    /** The command lines of the requested definitions. */
    public List<List<byte[]>> commandLines() {
        return definitions.commandLines();
    }

    Injector injector() {
        return injector;
    }

    Router router() {
        return injector.getInstance(Router.class);
    }

    SocketChannel connect() throws IOException {
        return SocketChannel.open(UnixDomainSocketAddress.of(socket));
    }

    /** Who labels the files that domains take. */
    DomainLabels labels() {
        return labels;
    }

    /** Sends bytes as they are and reads to the end of the connection. */
    String exchange(String request) throws IOException {
        try (SocketChannel channel = connect()) {
            ByteBuffer bytes = ByteBuffer.wrap(request.getBytes(StandardCharsets.ISO_8859_1));
            while (bytes.hasRemaining()) {
                channel.write(bytes);
            }
            return readAll(channel);
        }
    }

    static String readAll(SocketChannel channel) throws IOException {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        Channels.newInputStream(channel).transferTo(all);
        return all.toString(StandardCharsets.UTF_8);
    }

    String get(String path) throws IOException {
        return exchange("GET " + path + " HTTP/1.1\r\nHost: x\r\n\r\n");
    }

    String post(String path, String body) throws IOException {
        return exchange("POST " + path + " HTTP/1.1\r\nHost: x\r\nContent-Length: "
                + body.getBytes(StandardCharsets.ISO_8859_1).length + "\r\n\r\n" + body);
    }

    @Override
    public void close() {
        service.stop();
        injector.getInstance(FileSystemWork.class).close();
    }

    private final class Fakes extends AbstractModule {
        @Override
        protected void configure() {
            bind(VmLifecycle.class).toInstance(lifecycle);
            bind(Definitions.class).toInstance(definitions);
            bind(DomainLabels.class).toInstance(labels);
            bind(LibvirtFiles.class).toInstance(LibvirtFiles.SYSTEM);
            bind(DomainEvents.class).toInstance(new DomainEvents() {
                @Override
                public void starting(VmName name) {}

                @Override
                public Optional<String> signOfLife(VmName name) {
                    return Optional.empty();
                }

                @Override
                public void started(VmName name) {}

                @Override
                public void ended(VmName name) {}
            });
            bind(DomainGuard.class).toInstance((_, _, _, _) -> {
                throw new IOException("no monitor is guarded here");
            });
            bind(SelinuxHost.class).toInstance(SelinuxHost.SYSTEM);
            Linux kernel = JnaLinux.create();
            FileSystemWork work = new FileSystemWork(kernel.fileSystems(), WaitLimits.DEFAULT);
            Linux linux = work.noting(kernel);
            bind(FileSystemWork.class).toInstance(work);
            bind(LibvirtStates.class).toInstance(new LibvirtStates(linux, LibvirtFiles.SYSTEM));
            bind(UnixSockets.class).toInstance(linux.sockets());
            // The tests are its clients, in the same process.
            bind(OwnProcess.class).toInstance(new OwnProcess(Optional.empty()));
            bind(ServiceManager.class).toInstance(ServiceManager.of(Map.of(), new Pid(1), linux.sockets()));
            bind(SafeOpen.class).toInstance(linux.open());
            bind(ExtendedAttributes.class).toInstance(linux.attributes());
            bind(Processes.class).toInstance(linux.processes());
            bind(ProcessContexts.class)
                    .toInstance(new ProcessContexts(linux.processes(), SelinuxHost.SYSTEM.isActive()));
            bind(AuditLog.class).to(FileAuditLog.class);
        }

        @Provides
        @Singleton
        FileAuditLog audit(ServiceConfig config) throws IOException {
            return new FileAuditLog(
                    Files.createDirectories(config.stateDirectory()), LogSize.DEFAULT, InstantSource.system());
        }
    }
}
