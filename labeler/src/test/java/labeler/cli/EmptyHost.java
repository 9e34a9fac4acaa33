package labeler.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import labeler.adoption.Adoption;
import labeler.adoption.DefinedDomains;
import labeler.adoption.EmulatorNames;
import labeler.api.StartBody;
import labeler.chain.FileName;
import labeler.chain.ImageFile;
import labeler.chain.ImageOpener;
import labeler.chain.Problem;
import labeler.cluster.setup.ClusterDesk;
import labeler.config.Config;
import labeler.config.ConfigReader;
import labeler.fileset.ImageLabels;
import labeler.host.DenialLines;
import labeler.host.DeniedSince;
import labeler.host.Host;
import labeler.launch.Allowance;
import labeler.launch.HandedDescriptor;
import labeler.launch.LandlockRules;
import labeler.libvirt.DefinedLevels;
import labeler.lifecycle.PlanOutcome;
import labeler.linux.Exec;
import labeler.linux.HostPath;
import labeler.linux.Pid;
import labeler.linux.jna.JnaLinux;
import labeler.openfiles.Look;
import labeler.policy.Policy;
import labeler.policy.PolicyTarget;
import labeler.policy.Programs;
import labeler.selinux.SecurityContext;
import labeler.selinux.SelinuxHost;
import labeler.selinux.VirtualContexts;
import labeler.survey.HostFacts;
import labeler.survey.Looked;
import labeler.survey.Sight;
import labeler.survey.SurveyRequest;
import labeler.survey.Unseen;

/** A machine without files. */
final class EmptyHost implements Host {
    private static final int NOBODY = 65534;

    private final Map<String, String> environment;
    private final Map<Pid, Look> looks;
    private final boolean isToolHere;

    Optional<Exec> exec = Optional.empty();
    ConfigReader.Result settings = new ConfigReader.Read(Config.DEFAULT);

    /** What the kernel's audit log has. */
    DeniedSince audit = new DeniedSince(new DenialLines.Kept(List.of(), 0), Optional.empty());

    /** From when on the kernel's audit log was asked for, each time. */
    final List<Instant> auditAskedSince = new ArrayList<>();

    EmptyHost(Map<String, String> environment, Map<Pid, Look> looks) {
        this.environment = environment;
        this.looks = looks;
        this.isToolHere = environment.containsKey("SELINUX_TOOLS");
    }

    @Override
    public Map<String, String> environment() {
        return environment;
    }

    @Override
    public Pid pid() {
        return new Pid(4711);
    }

    @Override
    public boolean awaitReadersEnd(Duration most) {
        return false;
    }

    @Override
    public HostPath workingDirectory() {
        return HostPath.of("/");
    }

    @Override
    public ImageOpener<? extends ImageFile> images() {
        return new NoImages();
    }

    @Override
    public ImageLabels labels() {
        return file -> Optional.empty();
    }

    @Override
    public Optional<String> restartService() {
        return Optional.of("there is none");
    }

    @Override
    public Exec exec() {
        return exec.orElseThrow(() -> new IllegalStateException("nothing here becomes a program"));
    }

    @Override
    public List<HandedDescriptor> descriptors(HostPath socket) {
        throw new IllegalStateException("nothing here becomes a program");
    }

    @Override
    public Look openFiles(Pid process) {
        return looks.getOrDefault(process, new Look.NotSeen("nobody may look here", Look.Cause.NOT_PERMITTED));
    }

    @Override
    public LandlockRules.Result landlockRules(List<Allowance> allowances, HostPath program) {
        throw new IllegalStateException("nothing here becomes a program");
    }

    @Override
    public DeniedSince kernelAudit(Instant since) {
        auditAskedSince.add(since);
        return audit;
    }

    @Override
    public PlanOutcome plan(StartBody body) throws IOException {
        throw new IOException("/etc/selinux: no policy is installed here");
    }

    @Override
    public Policy policy(Optional<Path> root, Consumer<String> progress) {
        return new Policy(
                new PolicyTarget(
                        root,
                        Path.of("/nonexistent"),
                        new SelinuxHost(Path.of("/nonexistent"), Path.of("/nonexistent")),
                        Path.of("/")),
                new IdlePrograms(isToolHere),
                Path.of("/nonexistent"),
                NOBODY,
                progress);
    }

    @Override
    public SelinuxHost selinux() {
        return new SelinuxHost(Path.of("/nonexistent"), Path.of("/nonexistent"));
    }

    @Override
    public ConfigReader.Result settings() {
        return settings;
    }

    @Override
    public ClusterDesk cluster(Path settings, Path dropIns) {
        return new ClusterDesk(JnaLinux.create(), settings, dropIns);
    }

    @Override
    public Adoption adoption() {
        return new Adoption(
                new IdlePrograms(false),
                EmulatorNames.SYSTEM,
                Path.of("/nonexistent"),
                new DefinedLevels(Path.of("/nonexistent"), _ -> {}));
    }

    @Override
    public DefinedDomains domains() {
        return new DefinedDomains(new IdlePrograms(false));
    }

    @Override
    public Sight survey(SurveyRequest request, ConfigReader.Result read, Consumer<String> progress) {
        SecurityContext context =
                SecurityContext.parse("system_u:object_r:svirt_image_t:s0").orElseThrow();
        HostFacts nothing = new HostFacts(
                SelinuxHost.Mode.INACTIVE,
                new VirtualContexts(context, Optional.empty(), context, context),
                List.of(),
                Optional.of(Set.of()),
                List.of(),
                List.of(),
                List.of());
        List<Unseen> unseen =
                request.held().isPresent() ? List.of() : List.of(new Unseen("labeler's own VMs", request.silence()));
        return new Sight(nothing, new Looked(0, 0, 0, 0), unseen);
    }

    private static final class NoImages implements ImageOpener<ImageFile> {
        @Override
        public Opened<ImageFile> open(FileName name) {
            return new NotOpened<>(Problem.Kind.MISSING, "nothing is there");
        }
    }

    /** Programs that are installed or not, and do nothing. */
    private record IdlePrograms(boolean installed) implements Programs {
        @Override
        public Ended run(List<String> command, Consumer<Duration> waiting) throws IOException {
            throw new IOException(command.getFirst() + " is not installed");
        }

        @Override
        public boolean isInstalled(String name) {
            return installed;
        }
    }
}
