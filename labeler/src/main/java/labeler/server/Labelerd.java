package labeler.server;

import com.google.inject.CreationException;
import com.google.inject.Injector;
import com.google.inject.spi.Message;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;
import labeler.arguments.PathConverter;
import labeler.arguments.RawArguments;
import labeler.cluster.ClusterModule;
import labeler.config.Config;
import labeler.config.ConfigReader;
import labeler.config.Overrides;
import labeler.config.ProgramVersion;
import labeler.config.SettingsModule;
import labeler.denial.DenialModule;
import labeler.denial.DenialWatch;
import labeler.domain.DomainModule;
import labeler.domain.FollowedDomains;
import labeler.fileset.LockKeepingOpen;
import labeler.guard.record.FileAuditLog;
import labeler.http.Limits;
import labeler.journal.JournalException;
import labeler.libvirt.DefinedLevels;
import labeler.lifecycle.Enforcement;
import labeler.lifecycle.hold.OtherHosts;
import labeler.lifecycle.live.KernelModule;
import labeler.lifecycle.live.LifecycleModule;
import labeler.lifecycle.live.Lifetime;
import labeler.linux.FileUser;
import labeler.linux.HostPath;
import labeler.linux.Linux;
import labeler.linux.Printable;
import labeler.linux.jna.JnaLinux;
import labeler.listen.PeerRules;
import labeler.listen.SocketPlace;
import labeler.metrics.Metrics;
import labeler.wiring.StrictInjector;
import labeler.work.WaitLimits;
import org.jspecify.annotations.Nullable;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** The service's program. */
@Command(
        name = "labelerd",
        description = "Labels the files of virtual machines so that each qemu process reaches its own, and no others.",
        mixinStandardHelpOptions = true,
        versionProvider = Labelerd.Version.class,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:stopped by SIGTERM or SIGINT, and VMs keep their labels; with --recorded: nothing is on record",
            "1:could not start, or failed; with --recorded: something is on record, or the journal cannot be read",
            "2:usage, or a settings file that is not valid"
        })
public final class Labelerd implements Callable<Integer> {
    private static final int FAILED = 1;
    private static final int USAGE = 2;

    @Option(
            names = "--config",
            paramLabel = "FILE",
            converter = PathConverter.class,
            description = "Settings in TOML; /etc/labeler/labeler.toml by default, which need not exist.")
    private @Nullable HostPath config;

    @Option(
            names = "--socket",
            paramLabel = "PATH",
            converter = PathConverter.class,
            description = "Where to listen; /run/labeler/labeler.sock by default.")
    private @Nullable HostPath socket;

    @Option(
            names = "--state-dir",
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "Where the journal is; /var/lib/labeler by default. Must outlive a reboot.")
    private @Nullable HostPath stateDirectory;

    @Option(
            names = "--run-dir",
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "Directory for sockets and files that a reboot may remove; /run/labeler by default.")
    private @Nullable HostPath runDirectory;

    @Option(
            names = "--enforcement",
            paramLabel = "required|optional",
            description = "required (the default) refuses a VM that nothing would confine; optional labels it, with a"
                    + " warning.",
            converter = EnforcementConverter.class)
    private @Nullable Enforcement enforcement;

    @Option(
            names = "--recorded",
            description = "Do not serve: print what the journal has on record, and end. No service may run meanwhile.")
    private boolean recorded;

    @Spec
    private @Nullable CommandSpec spec;

    public static void main(String[] arguments) {
        Thread.setDefaultUncaughtExceptionHandler(Labelerd::endWith);
        CommandLine commandLine = new CommandLine(new Labelerd()).setParameterExceptionHandler((e, _) -> {
            e.getCommandLine()
                    .getErr()
                    .println("labelerd: " + RawArguments.printable(String.valueOf(e.getMessage()))
                            + "; labelerd --help says more");
            return USAGE;
        });
        System.exit(RawArguments.of(arguments).map(commandLine::execute).orElseGet(() -> {
            commandLine.getErr().println("labelerd: " + RawArguments.UNDECODABLE);
            return USAGE;
        }));
    }

    /** Ends the service, which cannot work without this thread. A restarted one recovers from its journal. */
    private static void endWith(Thread thread, Throwable thrown) {
        try {
            LoggerFactory.getLogger(Labelerd.class)
                    .error("thread {} has ended; so does the service", thread.getName(), thrown);
        } finally {
            // Where memory has run out, the log may not get any either.
            Runtime.getRuntime().halt(FAILED);
        }
    }

    @Override
    public Integer call() {
        return switch (ConfigReader.read(Optional.ofNullable(config).map(HostPath::jdkPath))) {
            case ConfigReader.Invalid(String message) -> complain(message, USAGE);
            case ConfigReader.Read(Config read) when recorded -> report(read.with(overrides()));
            case ConfigReader.Read(Config read) -> run(read.with(overrides()));
        };
    }

    private int report(Config settings) {
        try {
            JournalReport report = JournalReport.of(settings.service().stateDirectory());
            PrintWriter out = out();
            report.lines().forEach(line -> out.println(Printable.text(line)));
            // The writer before it does not know.
            if (out.checkError() || System.out.checkError()) {
                return complain("the list of records could not be written to standard output", FAILED);
            }
            return report.lines().isEmpty() ? 0 : FAILED;
        } catch (JournalException e) {
            return complain(e.getMessage(), FAILED);
        }
    }

    private PrintWriter out() {
        return spec == null
                ? new PrintWriter(System.out, true, StandardCharsets.UTF_8)
                : spec.commandLine().getOut();
    }

    private Overrides overrides() {
        return new Overrides(
                absolute(socket), absolute(stateDirectory), absolute(runDirectory), Optional.ofNullable(enforcement));
    }

    private static Optional<Path> absolute(@Nullable HostPath path) {
        return Optional.ofNullable(path).map(HostPath::jdkPath).map(Path::toAbsolutePath);
    }

    private int run(Config settings) {
        Path listening = settings.service().socket();
        if (!SocketPlace.isPossible(listening)) {
            return complain(
                    HostPath.of(listening) + ": the name of the socket is not text in this locale's encoding; choose"
                            + " another with --socket (service.socket), or set LC_ALL=C.UTF-8 if it is UTF-8",
                    USAGE);
        }
        try {
            Directories.prepare(settings.service());
            PeerRules rules = new PeerRules(
                    Directories.ownUid(),
                    Directories.gid(settings.service()),
                    settings.service().peerTypes());
            KernelModule kernel = kernel(settings);
            ServiceManager manager = ServiceManager.of(
                    System.getenv(), HostModule.OWN, kernel.linux().sockets());
            EarlierService.awaitEnd(settings.service(), manager);
            Optional<Path> home =
                    Optional.ofNullable(System.getProperty("labeler.home")).map(Path::of);
            Injector injector = StrictInjector.of(
                    new SettingsModule(settings),
                    kernel,
                    new HostModule(
                            kernel.linux(),
                            home,
                            settings.service().own(home, absolute(config).orElse(ConfigReader.DEFAULT_FILE)),
                            manager),
                    new LifecycleModule(),
                    new ClusterModule(),
                    new DomainModule(),
                    new DenialModule(),
                    new ServiceModule(rules, Limits.DEFAULT));
            Service service = injector.getInstance(Service.class);
            OtherHosts others = injector.getInstance(OtherHosts.class);
            if (!others.isAlone()) {
                injector.getInstance(Metrics.class).cluster(others::isReachable);
            }
            // Locked after the journal, and before anything in the directory is removed.
            service.closes(Directories.lock(settings.service()));
            FileAuditLog audit = injector.getInstance(FileAuditLog.class);
            audit.begin();
            service.closes(audit);
            Lifetime lifetime = injector.getInstance(Lifetime.class);
            lifetime.begin();
            service.closes(lifetime);
            FollowedDomains followed = injector.getInstance(FollowedDomains.class);
            followed.begin();
            service.closes(followed);
            injector.getInstance(DefinedLevels.class).begin();
            DenialWatch denials = injector.getInstance(DenialWatch.class);
            denials.begin();
            service.closes(denials);
            // The tests start hundreds of services, and some count each call of one.
            if (Boolean.parseBoolean(System.getProperty("labeler.rehearsal", "true"))) {
                service.rehearses(injector.getInstance(Rehearsal.class));
            }
            return service.runUntilStopped();
        } catch (IOException e) {
            return complain(e.getMessage(), FAILED);
        } catch (CreationException e) {
            return complain(reason(e).orElseThrow(() -> e), FAILED);
        }
    }

    private static KernelModule kernel(Config settings) throws IOException {
        Linux linux = JnaLinux.create();
        Optional<FileUser> squashed = Optional.empty();
        if (settings.launch().squashed().isPresent()) {
            Capabilities.requireToOpenAsAnother();
            squashed = Optional.of(Directories.owner(
                    settings.service(), settings.launch().squashed().get()));
        }
        LockKeepingOpen open =
                new LockKeepingOpen(linux.open(), settings.service().locked());
        return new KernelModule(linux.opening(open), WaitLimits.DEFAULT, squashed);
    }

    /** The expected reason why there is no service: a journal, a policy. Any other is a fault of this program. */
    private static Optional<String> reason(CreationException e) {
        return e.getErrorMessages().stream()
                .map(Message::getCause)
                .filter(IOException.class::isInstance)
                .map(Throwable::getMessage)
                .filter(Objects::nonNull)
                .findFirst();
    }

    private int complain(@Nullable String message, int exitCode) {
        PrintWriter err = spec == null
                ? new PrintWriter(System.err, true, StandardCharsets.UTF_8)
                : spec.commandLine().getErr();
        err.println("labelerd: " + Printable.text(String.valueOf(message)));
        return exitCode;
    }

    static final class Version implements CommandLine.IVersionProvider {
        @Override
        public String[] getVersion() {
            return new String[] {"labelerd " + ProgramVersion.text()};
        }
    }

    static final class EnforcementConverter implements CommandLine.ITypeConverter<Enforcement> {
        @Override
        public Enforcement convert(String word) {
            return ConfigReader.enforcement(word)
                    .orElseThrow(() -> new CommandLine.TypeConversionException("not one of required, optional"));
        }
    }
}
