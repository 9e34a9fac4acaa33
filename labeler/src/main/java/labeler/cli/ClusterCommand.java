package labeler.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.function.Function;
import labeler.api.ExitCode;
import labeler.arguments.PathConverter;
import labeler.cli.option.ClusterAnswer;
import labeler.cli.option.Converters;
import labeler.cli.option.FormOptions;
import labeler.cluster.setup.ClusterDesk;
import labeler.config.ClusterConfig;
import labeler.config.Config;
import labeler.config.ConfigReader;
import labeler.linux.HostPath;
import labeler.registry.HostName;
import labeler.registry.Storage;
import labeler.registry.StorageName;
import labeler.view.ClusterText;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.ParentCommand;
import picocli.CommandLine.ScopeType;

@Command(
        name = "cluster",
        description = {
            "Has hosts that share storage agree on it, through etcd.",
            "Each host of GFS2, OCFS2, CephFS or labelled NFS joins once. No service is asked: these commands ask the"
                    + " registry itself."
        },
        exitCodeList = {
            "0:done; status: the registry answers, and takes what this host writes",
            "1:failed: this host could not",
            "2:usage, or this host is in no cluster",
            "3:refused: the storage cannot be registered",
            "4:conflict: something stands in the way, in the cluster",
            "5:the registry does not answer, or takes nothing, or not permitted"
        },
        subcommands = ClusterCommand.StorageCommand.class)
final class ClusterCommand extends AbstractCommand {
    /** The policy's boolean for connections to the members. */
    private static final String CONNECTING = "labeler_use_cluster";

    private static final String RESTART = "systemctl daemon-reload && systemctl restart labelerd.service";

    @Mixin
    private final FormOptions form = new FormOptions();

    @Option(
            names = "--admin",
            scope = ScopeType.INHERIT,
            paramLabel = "USER",
            description = "The user in etcd who may do this; the host's own user by default.")
    private @Nullable String administrator;

    @Option(
            names = "--admin-password-file",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            converter = PathConverter.class,
            description = "The file with that user's password.")
    private @Nullable HostPath administratorPassword;

    @Option(
            names = "--config",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            converter = PathConverter.class,
            description = "The settings of the service; /etc/labeler/labeler.toml by default.")
    private @Nullable HostPath config;

    @Option(
            names = "--unit-dir",
            scope = ScopeType.INHERIT,
            paramLabel = "DIR",
            converter = PathConverter.class,
            description = "Where drop-ins of the unit go; /etc/systemd/system/labelerd.service.d by default.")
    private HostPath unitDirectory = HostPath.of("/etc/systemd/system/labelerd.service.d");

    @Command(
            name = "join",
            mixinStandardHelpOptions = true,
            description = {
                "Joins this host to a cluster.",
                "Writes cluster.toml beside the settings and a drop-in of the unit, which lets the service reach the"
                        + " members, as does SELinux's boolean labeler_use_cluster. The service asks them from its next start"
                        + " on."
            })
    int join(
            @Parameters(paramLabel = "ENDPOINT", arity = "1..*", description = "A member of etcd: https://NAME:2379.")
                    List<String> endpoints,
            @Option(
                            names = "--host",
                            paramLabel = "NAME",
                            description = "This host's name among them; its machine id by default.")
                    @Nullable
                    String host,
            @Option(
                            names = "--ca",
                            paramLabel = "FILE",
                            converter = PathConverter.class,
                            description = "The certificate of the authority that signed those of the members.")
                    @Nullable
                    HostPath authority,
            @Option(names = "--user", paramLabel = "USER", description = "This host's user in etcd.") @Nullable
                    String user,
            @Option(
                            names = "--password-file",
                            paramLabel = "FILE",
                            converter = PathConverter.class,
                            description = "The file with this host's password.")
                    @Nullable
                    HostPath passwordFile,
            @Option(
                            names = "--deadline",
                            paramLabel = "SECONDS",
                            description = "How long a member may take to answer, 1 to 60; 2 by default.")
                    @Nullable
                    Integer seconds,
            @Option(names = "--restart", description = "Restart the service at once. VMs run on.")
                    boolean isToRestart) {
        int deadline = Objects.requireNonNullElse(seconds, ClusterConfig.DEFAULT.deadline());
        if (deadline < ClusterConfig.SHORTEST_DEADLINE || deadline > ClusterConfig.LONGEST_DEADLINE) {
            return usage("--deadline is " + ClusterConfig.SHORTEST_DEADLINE + " to " + ClusterConfig.LONGEST_DEADLINE
                    + " seconds");
        }
        List<URI> members = endpoints.stream()
                .flatMap(text -> ClusterConfig.endpoint(text).stream())
                .toList();
        Optional<HostName> name = Optional.ofNullable(host).flatMap(HostName::parse);
        if (members.size() < endpoints.size() || (host != null && name.isEmpty())) {
            return usage(
                    members.size() < endpoints.size()
                            ? "a member is not named so: https://NAME:2379"
                            : "not a name of a host: letters, digits, points, hyphens and underscores");
        }
        ClusterConfig cluster = new ClusterConfig(
                members,
                name,
                absolute(authority),
                Optional.ofNullable(user),
                absolute(passwordFile),
                deadline,
                ClusterConfig.DEFAULT.unregistered());
        ClusterDesk.Outcome<HostName> outcome = desk().join(cluster, asAdministrator(cluster));
        boolean isReady =
                !(outcome instanceof ClusterDesk.Done) || (isConnecting(true) && (!isToRestart || isRestarted()));
        int code = answer().about(outcome, joined -> "joined as " + joined + (isToRestart ? "" : "; now: " + RESTART));
        return isReady ? code : ExitCode.FAILED;
    }

    private boolean isRestarted() {
        Optional<String> failure = host().restartService();
        failure.ifPresent(reason -> answer().complain(
                        "the service could not be restarted: " + reason + "; now: " + RESTART, ExitCode.FAILED));
        return failure.isEmpty();
    }

    /** Has the policy let the service connect to the members, or not any more. Without SELinux there is nothing to do. */
    private boolean isConnecting(boolean value) {
        Optional<String> failure =
                host().policy(Optional.empty(), terminal()::complain).set(CONNECTING, value);
        failure.ifPresent(reason -> answer().complain(
                        CONNECTING + " could not be set: " + reason + "; now: setsebool -P " + CONNECTING + "="
                                + (value ? "on" : "off"),
                        ExitCode.FAILED));
        return failure.isEmpty();
    }

    private Optional<Path> absolute(@Nullable HostPath path) {
        return Optional.ofNullable(path)
                .map(one -> one.from(host().workingDirectory()).jdkPath());
    }

    /** The same way, with the rights of the administrator. */
    private ClusterConfig asAdministrator(ClusterConfig cluster) {
        return administrator == null
                ? cluster
                : new ClusterConfig(
                        cluster.endpoints(),
                        cluster.host(),
                        cluster.authority(),
                        Optional.of(administrator),
                        absolute(administratorPassword),
                        cluster.deadline(),
                        cluster.unregistered());
    }

    @Command(
            name = "leave",
            mixinStandardHelpOptions = true,
            description = {
                "Takes this host out of its cluster.",
                "Stop its VMs and its service first. Removes the settings and the drop-in of the unit, and switches"
                        + " SELinux's boolean labeler_use_cluster off."
            })
    int leave() {
        return with(cluster -> {
            ClusterDesk.Outcome<HostName> outcome = desk().leave(cluster, asAdministrator(cluster));
            boolean isForbidden = !(outcome instanceof ClusterDesk.Done) || isConnecting(false);
            int code = answer().about(outcome, left -> left + " is in no cluster any more");
            return isForbidden ? code : ExitCode.FAILED;
        });
    }

    @Command(
            name = "status",
            mixinStandardHelpOptions = true,
            description =
                    "Shows whether the registry answers and takes what this host writes, this host's name, and where storages"
                            + " are mounted here.")
    int status() {
        return with(cluster -> {
            try {
                HostName name = desk().name(cluster);
                int shown = answer().show(
                                desk().storages(cluster),
                                storages -> ClusterText.json(name, cluster.endpoints(), storages, places(storages)),
                                storages -> new ClusterText(terminal())
                                        .status(name, cluster.endpoints(), places(storages), storages));
                return shown == ExitCode.DONE ? answer().show(desk().writes(cluster)) : shown;
            } catch (IOException e) {
                return answer().complain(String.valueOf(e.getMessage()), ExitCode.FAILED);
            }
        });
    }

    private Map<StorageName, HostPath> places(Map<StorageName, Storage> storages) {
        try {
            return desk().places(storages);
        } catch (IOException e) {
            terminal().complain(String.valueOf(e.getMessage()));
            return Map.of();
        }
    }

    @Command(
            name = "hosts",
            mixinStandardHelpOptions = true,
            description =
                    "Shows the hosts of the cluster: whether each is heard of, fenced, and how many VMs it has there.")
    int hosts() {
        return with(cluster -> answer().show(
                        desk().hosts(asAdministrator(cluster)),
                        ClusterText::hosts,
                        new ClusterText(terminal())::print));
    }

    @Command(
            name = "storage",
            description = {
                "Registers a storage that several hosts mount, or lists them.",
                "Each host recognises it by its file system's own id and its root, wherever it is mounted."
            })
    static final class StorageCommand extends AbstractCommand {
        @ParentCommand
        private @Nullable ClusterCommand parent;

        @Command(name = "add", mixinStandardHelpOptions = true, description = "Registers a storage.")
        int add(
                @Parameters(
                                paramLabel = "NAME",
                                converter = Converters.OfStorageName.class,
                                description = "The name of the storage.")
                        StorageName name,
                @Parameters(paramLabel = "PATH", converter = PathConverter.class, description = "A directory on it.")
                        HostPath path) {
            ClusterCommand asked = cluster();
            HostPath directory = path.from(host().workingDirectory());
            return asked.with(cluster -> asked.answer()
                    .show(
                            asked.desk().add(asked.asAdministrator(cluster), name, directory),
                            storage -> ClusterText.storage(name, storage),
                            storage -> terminal()
                                    .print("storage " + name + " is the " + storage.type() + " with id "
                                            + storage.id())));
        }

        @Command(name = "list", mixinStandardHelpOptions = true, description = "Lists the registered storages.")
        int list() {
            ClusterCommand asked = cluster();
            return asked.with(cluster -> asked.answer()
                    .show(
                            asked.desk().storages(asked.asAdministrator(cluster)),
                            ClusterText::storages,
                            new ClusterText(terminal())::printStorages));
        }

        private ClusterCommand cluster() {
            return Objects.requireNonNull(parent, "set by picocli");
        }
    }

    @Command(
            name = "fence",
            mixinStandardHelpOptions = true,
            description = {
                "Says that a host is off, or cut off from the storage: other hosts give back what it held.",
                "If it is not, two VMs may write one disk. Its pairs stay taken until it comes back, or is forgotten.",
                "Waits a while for a sign that it runs all the same, and says so (exit code 4)."
            })
    int fence(
            @Parameters(paramLabel = "HOST", description = "By its name in the cluster.") String host,
            @Option(names = "--confirmed", description = "It is certainly off.") boolean isConfirmed,
            @Option(
                            names = "--wait",
                            paramLabel = "SECONDS",
                            defaultValue = "20",
                            description = "For how long, at most; 20 by default: a service notices within 12.")
                    int seconds) {
        if (!isConfirmed) {
            return usage("make certain that host " + host
                    + " is off, and say --confirmed: if it runs, two VMs may write" + " one disk");
        }
        Optional<HostName> name = HostName.parse(host);
        return name.isEmpty() ? usage("not a name of a host") : with(cluster -> fence(cluster, name.get(), seconds));
    }

    private int fence(ClusterConfig cluster, HostName host, int seconds) {
        ClusterConfig administrator = asAdministrator(cluster);
        ClusterDesk.Outcome<HostName> fenced = desk().fence(administrator, host);
        boolean isBack = fenced instanceof ClusterDesk.Done
                && desk().hasComeBack(administrator, host, Duration.ofSeconds(seconds))
                        instanceof ClusterDesk.Done<Boolean>(Boolean is)
                && is;
        return isBack ? answer().stillRuns(host) : answer().about(fenced, ClusterAnswer::fenced);
    }

    @Command(
            name = "forget",
            mixinStandardHelpOptions = true,
            description =
                    "Takes a fenced host out of the cluster for good, and frees its pairs: nobody will start it again.")
    int forget(@Parameters(paramLabel = "HOST", description = "By its name in the cluster.") String host) {
        Optional<HostName> name = HostName.parse(host);
        return name.isEmpty()
                ? usage("not a name of a host")
                : with(cluster -> answer().about(
                                desk().forget(asAdministrator(cluster), name.get()),
                                gone -> "host " + gone + " is forgotten"));
    }

    @Command(
            name = "rebuild",
            mixinStandardHelpOptions = true,
            description = {
                "Fills a registry that was lost, or that comes from an older copy: run it on each host, and restart its"
                        + " service.",
                "Each host tells what its journal holds. Nothing is claimed, and nothing goes back, before all hosts"
                        + " have, or were fenced. What two hosts hold is shown."
            })
    int rebuild() {
        return with(cluster -> answer().show(
                        desk().rebuild(cluster, asAdministrator(cluster)),
                        ClusterText::rebuild,
                        new ClusterText(terminal())::print));
    }

    private ClusterDesk desk() {
        return host().cluster(
                        settings(),
                        unitDirectory.from(host().workingDirectory()).jdkPath());
    }

    private Path settings() {
        return absolute(config).orElse(ConfigReader.DEFAULT_FILE);
    }

    private int with(Function<ClusterConfig, Integer> action) {
        return switch (config == null ? host().settings() : ConfigReader.read(Optional.of(settings()))) {
            case ConfigReader.Invalid(String message) -> usage(message);
            case ConfigReader.Read(Config settings) ->
                settings.cluster().isCluster()
                        ? action.apply(settings.cluster())
                        : usage("this host is in no cluster; run labeler cluster join");
        };
    }

    private ClusterAnswer answer() {
        return new ClusterAnswer(terminal(), form.form());
    }

    private int usage(String message) {
        return answer().complain(message, ExitCode.USAGE);
    }
}
