package labeler.host;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Consumer;
import labeler.adoption.Adoption;
import labeler.adoption.DefinedDomains;
import labeler.adoption.EmulatorNames;
import labeler.api.ParsedDefinitions;
import labeler.api.StartBody;
import labeler.arguments.RawArguments;
import labeler.chain.ImageFile;
import labeler.chain.ImageOpener;
import labeler.client.ServiceClient;
import labeler.cluster.setup.ClusterDesk;
import labeler.config.ConfigReader;
import labeler.fileset.ImageLabels;
import labeler.fileset.LinuxImageOpener;
import labeler.launch.Allowance;
import labeler.launch.DescriptorExchange;
import labeler.launch.HandedDescriptor;
import labeler.launch.LandlockRules;
import labeler.libvirt.DefinedLevels;
import labeler.libvirt.LibvirtDirectories;
import labeler.lifecycle.PlanOutcome;
import labeler.lifecycle.StartRequest;
import labeler.lifecycle.start.OfflinePlan;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.Pid;
import labeler.linux.jna.JnaLinux;
import labeler.openfiles.Look;
import labeler.openfiles.ProcessDescriptors;
import labeler.policy.Policy;
import labeler.policy.PolicyTarget;
import labeler.policy.SystemPrograms;
import labeler.selinux.SelinuxHost;
import labeler.survey.Sight;
import labeler.survey.SurveyRequest;
import org.jspecify.annotations.Nullable;

/** This machine. */
public final class LinuxHost implements Host {
    /** chown(2): -1 keeps the owner, the user that runs this. */
    private static final int OWNER = -1;

    private static final int STANDARD_OUTPUT = 1;

    /** Where auditd(8) writes. */
    private static final Path AUDITD = Path.of("/var/log/audit/audit.log");

    private @Nullable Linux linux;

    /** Made once, and only for a command that needs it. */
    private Linux linux() {
        Linux made = linux == null ? JnaLinux.create() : linux;
        linux = made;
        return made;
    }

    @Override
    public Map<String, String> environment() {
        Map<String, String> variables = new HashMap<>();
        for (byte[] entry : ProgramSearch.environment()) {
            String[] parts = RawArguments.raw(entry).split("=", 2);
            if (parts.length == 2) {
                variables.putIfAbsent(parts[0], parts[1]);
            }
        }
        return variables;
    }

    @Override
    public Pid pid() {
        return new Pid(Math.toIntExact(ProcessHandle.current().pid()));
    }

    @Override
    public boolean awaitReadersEnd(Duration most) throws IOException {
        return linux().processes().awaitReadersEnd(STANDARD_OUTPUT, (int) Math.min(most.toMillis(), Integer.MAX_VALUE));
    }

    @Override
    public HostPath workingDirectory() {
        try {
            return HostPath.of(Files.readSymbolicLink(Path.of("/proc/self/cwd")));
        } catch (IOException e) {
            throw new UncheckedIOException("the working directory is not known", e);
        }
    }

    @Override
    public ImageOpener<? extends ImageFile> images() {
        return new LinuxImageOpener(linux().open());
    }

    @Override
    public ImageLabels labels() {
        return ImageLabels.in(linux().attributes());
    }

    @Override
    public Exec exec() {
        return linux().exec();
    }

    @Override
    public List<HandedDescriptor> descriptors(HostPath socket) throws IOException {
        try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket.jdkPath()))) {
            DescriptorExchange exchange = new DescriptorExchange(linux().sockets());
            CompletableFuture<List<HandedDescriptor>> received = new CompletableFuture<>();
            Thread.ofPlatform().daemon().start(() -> {
                try {
                    received.complete(exchange.receive(channel));
                } catch (IOException | RuntimeException e) {
                    received.completeExceptionally(e);
                }
            });
            return received.get(ServiceClient.PATIENCE.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IOException(
                    socket + ": the service did not hand over what the VM needs"
                            + Optional.ofNullable(e.getCause())
                                    .map(cause -> " (" + cause.getMessage() + ")")
                                    .orElse(""),
                    e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(socket + ": interrupted while fetching descriptors", e);
        }
    }

    @Override
    public Look openFiles(Pid process) {
        return ProcessDescriptors.ofThisMachine().of(process);
    }

    @Override
    public LandlockRules.Result landlockRules(List<Allowance> allowances, HostPath program) {
        return new LandlockRules(linux().open(), pid()).of(allowances, program, OWNER, OWNER);
    }

    @Override
    public DeniedSince kernelAudit(Instant since) throws IOException {
        return new KernelAudit(AUDITD, new SystemPrograms()).since(since);
    }

    @Override
    public PlanOutcome plan(StartBody body) throws IOException {
        // The command tells why they cannot be read.
        return OfflineInjector.of(linux(), ConfigReader.usable(settings()))
                .getInstance(OfflinePlan.class)
                .plan(body.request(
                        body.name().orElseThrow(),
                        new ParsedDefinitions(LibvirtDirectories.SYSTEM),
                        new StartRequest.Owner(0, 0)));
    }

    @Override
    public Policy policy(Optional<Path> root, Consumer<String> progress) {
        return new Policy(
                new PolicyTarget(root.map(Path::toAbsolutePath), Path.of("/"), SelinuxHost.SYSTEM, Path.of("/proc")),
                new SystemPrograms(),
                home(),
                uid(),
                progress);
    }

    @Override
    public SelinuxHost selinux() {
        return SelinuxHost.SYSTEM;
    }

    @Override
    public ConfigReader.Result settings() {
        return ConfigReader.read(Optional.empty());
    }

    @Override
    public ClusterDesk cluster(Path settings, Path dropIns) {
        return new ClusterDesk(linux(), settings, dropIns);
    }

    @Override
    public Optional<String> restartService() {
        return new ServiceUnit(new SystemPrograms()).restart();
    }

    @Override
    public Adoption adoption() {
        return new Adoption(
                new SystemPrograms(),
                EmulatorNames.SYSTEM,
                home().resolve("libexec").resolve("labeler-emulator"),
                new DefinedLevels(DefinedLevels.DIRECTORY, _ -> {}));
    }

    @Override
    public DefinedDomains domains() {
        return new DefinedDomains(new SystemPrograms());
    }

    @Override
    public Sight survey(SurveyRequest request, ConfigReader.Result settings, Consumer<String> progress)
            throws IOException {
        return new HostSurvey(linux(), settings, uid() == 0).look(request, progress);
    }

    /** In full: a script that was called by a relative path gives {@code bin/..}, and links that outlive this lead there. */
    private static Path home() {
        Path said = Path.of(System.getProperty("labeler.home", ".")).toAbsolutePath();
        try {
            Path plain = said.normalize();
            return Files.isSameFile(said, plain) ? plain : said.toRealPath();
        } catch (IOException e) {
            return said;
        }
    }

    private static int uid() {
        try {
            return Files.getAttribute(Path.of("/proc/self"), "unix:uid") instanceof Integer uid ? uid : OWNER;
        } catch (IOException e) {
            throw new UncheckedIOException("/proc/self cannot be looked at", e);
        }
    }
}
