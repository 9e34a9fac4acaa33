package labeler.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import labeler.lifecycle.Enforcement;
import labeler.linux.HostPath;
import labeler.mcs.CategoryRange;
import labeler.problem.IoReason;
import labeler.registry.HostName;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** Reads the settings from a TOML file (toml.io, 1.0). An unknown setting or a value out of range is an error. */
public final class ConfigReader {
    /** The file to read if nobody names one. It need not exist. */
    public static final Path DEFAULT_FILE = Path.of("/etc/labeler/labeler.toml");

    /** Hundreds of times the size of a file with all settings and comments. */
    private static final long MAXIMUM_SIZE = 1 << 20;

    /** useradd(8) of shadow-utils: names have up to 32 characters. User directories also have dots and capitals. */
    private static final Pattern GROUP = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}");

    private static final Pattern SELINUX_TYPE = Pattern.compile("[A-Za-z0-9_.-]{1,128}");

    /** The result of a read. */
    public sealed interface Result {}

    public record Read(Config config) implements Result {}

    /** Not usable; {@code message} is one line that names the file. */
    public record Invalid(String message) implements Result {}

    private ConfigReader() {}

    /** The settings; the defaults if there are none to be used. Who takes those says so. */
    public static Config usable(Result result) {
        return switch (result) {
            case Read(Config read) -> read;
            case Invalid _ -> Config.DEFAULT;
        };
    }

    /** The file with the cluster alone. A program does not change the settings file, which a package has its own version of. */
    public static Path clusterFile(Path settings) {
        return settings.resolveSibling("cluster.toml");
    }

    /**
     * The settings, and those of the cluster in the file beside them.
     *
     * @param file a named file, which must exist; empty for {@link #DEFAULT_FILE}
     */
    public static Result read(Optional<Path> file) {
        Path settings = file.orElse(DEFAULT_FILE);
        return switch (readFile(settings, file.isPresent())) {
            case Invalid invalid -> invalid;
            case Read whole when clusterFile(settings).equals(settings) -> whole;
            case Read(Config config) ->
                switch (readFile(clusterFile(settings), false)) {
                    case Invalid invalid -> invalid;
                    case Read(Config beside) -> together(settings, config, beside);
                };
        };
    }

    private static Result together(Path settings, Config config, Config beside) {
        ClusterConfig cluster = beside.cluster();
        String name = HostPath.of(clusterFile(settings)).printable();
        if (!beside.equals(Config.DEFAULT.with(cluster))) {
            return new Invalid(name + ": only [cluster] has its place here; move the rest to " + HostPath.of(settings));
        }
        if (cluster.equals(ClusterConfig.DEFAULT)) {
            return new Read(config);
        }
        // With two tables one would count, and nobody would see that the other does not.
        return config.cluster().equals(ClusterConfig.DEFAULT)
                ? new Read(config.with(cluster))
                : new Invalid(
                        name + ": " + HostPath.of(settings) + " has settings of the cluster as well; move them here");
    }

    private static Result readFile(Path path, boolean isRequired) {
        HostPath name = HostPath.of(path);
        try {
            if (Files.size(path) > MAXIMUM_SIZE) {
                return new Invalid(name + ": larger than " + MAXIMUM_SIZE + " bytes, so hardly a settings file");
            }
            return parse(name.printable(), Files.readString(path));
        } catch (NoSuchFileException e) {
            return isRequired ? new Invalid(name + ": no such file") : new Read(Config.DEFAULT);
        } catch (IOException e) {
            return new Invalid(name + ": " + IoReason.of(e) + "; mend that, or name another file with --config");
        }
    }

    /**
     * The settings in a text.
     *
     * @param name the text's name, for messages
     */
    public static Result parse(String name, String toml) {
        JsonNode root;
        try {
            root = new TomlMapper().readTree(toml);
        } catch (JacksonException e) {
            int line = e.getLocation() == null ? 0 : e.getLocation().getLineNr();
            return new Invalid(name + (line > 0 ? ":" + line : "")
                    + ": not TOML: it cannot be read up to here; a setting is KEY = VALUE, each key once, text in"
                    + " quotes");
        }
        ConfigTable top = new ConfigTable(root);
        Config config = new Config(
                service(top.table("service")),
                new McsConfig(top.table("mcs")
                        .parsed(
                                "range",
                                CategoryRange::parse,
                                "two categories, the lower first: \"c0.c1023\"",
                                McsConfig.DEFAULT.range())),
                label(top.table("label")),
                new ImageConfig(top.table("image").paths("roots")),
                launch(top.table("launch")),
                guard(top.table("guard")),
                libvirt(top.table("libvirt")),
                cluster(top.table("cluster")));
        Optional<String> error = top.firstError();
        return error.isPresent() ? new Invalid(name + ": " + error.get()) : new Read(config);
    }

    private static ServiceConfig service(ConfigTable table) {
        ServiceConfig fallback = ServiceConfig.DEFAULT;
        return new ServiceConfig(
                table.absolutePath("socket").orElse(fallback.socket()),
                table.parsed("group", ConfigReader::group, "the name of a group", fallback.group()),
                table.absolutePath("state-directory").orElse(fallback.stateDirectory()),
                table.absolutePath("run-directory").orElse(fallback.runDirectory()),
                table.number("threads", ServiceConfig.MINIMUM_THREADS, ServiceConfig.MAXIMUM_THREADS)
                        .orElse(fallback.threads()),
                table.texts("peer-types", SELINUX_TYPE.asMatchPredicate(), "SELinux types")
                        .orElse(fallback.peerTypes()));
    }

    private static Optional<ServiceConfig.Group> group(String name) {
        return GROUP.matcher(name).matches() ? Optional.of(new ServiceConfig.Group(name, true)) : Optional.empty();
    }

    private static LabelConfig label(ConfigTable table) {
        LabelConfig fallback = LabelConfig.DEFAULT;
        return new LabelConfig(
                table.absolutePath("contexts-directory"),
                table.constant("enforcement", fallback.enforcement()),
                table.constant("unlabelled", fallback.unlabelled()),
                table.number("tree-files", LabelConfig.FEWEST_TREE_FILES, LabelConfig.MOST_TREE_FILES)
                        .orElse(fallback.treeFiles()));
    }

    private static LaunchConfig launch(ConfigTable table) {
        LaunchConfig fallback = LaunchConfig.DEFAULT;
        return new LaunchConfig(
                table.constant("landlock", fallback.landlock()),
                table.paths("system-files").orElse(fallback.systemFiles()),
                table.paths("devices").orElse(fallback.devices()),
                table.parsed("root-squash-owner", LaunchConfig.Owner::parse, "USER:GROUP, by names or numbers"));
    }

    private static GuardConfig guard(ConfigTable table) {
        GuardConfig fallback = GuardConfig.DEFAULT;
        return new GuardConfig(
                table.texts(
                                "allow",
                                text -> !text.isBlank(),
                                "texts, each the name of something that the guard refuses")
                        .orElse(fallback.allow()),
                table.paths("roots").orElse(fallback.roots()),
                table.parsed(
                        "labels",
                        word -> ConfigTable.constant(GuardConfig.Labels.class, word),
                        "\"libvirt\" or \"labeler\""));
    }

    private static LibvirtConfig libvirt(ConfigTable table) {
        return new LibvirtConfig(table.flag("follow").orElse(LibvirtConfig.DEFAULT.follow()));
    }

    private static ClusterConfig cluster(ConfigTable table) {
        ClusterConfig fallback = ClusterConfig.DEFAULT;
        return new ClusterConfig(
                table
                        .texts(
                                "endpoints",
                                text -> ClusterConfig.endpoint(text).isPresent(),
                                "addresses of etcd's members: \"https://NAME:2379\"")
                        .orElse(List.of())
                        .stream()
                        .flatMap(text -> ClusterConfig.endpoint(text).stream())
                        .toList(),
                table.parsed("host", HostName::parse, "a host's name: letters, digits, points, hyphens, underscores"),
                table.absolutePath("ca"),
                table.parsed("user", text -> Optional.of(text).filter(one -> !one.isBlank()), "the name of a user"),
                table.absolutePath("password-file"),
                table.number("deadline", ClusterConfig.SHORTEST_DEADLINE, ClusterConfig.LONGEST_DEADLINE)
                        .orElse(fallback.deadline()),
                table.constant("unregistered", fallback.unregistered()));
    }

    /** The mode for a word of the file or the command line. */
    public static Optional<Enforcement> enforcement(String word) {
        return ConfigTable.constant(Enforcement.class, word);
    }
}
