package labeler.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import labeler.launch.LandlockPolicy;
import labeler.lifecycle.Enforcement;
import labeler.linux.HostPath;
import labeler.mcs.CategoryRange;
import labeler.problem.IoReason;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.JsonNode;
import tools.jackson.dataformat.toml.TomlMapper;

/** Reads the settings from a TOML file (toml.io, 1.0). Whatever is unknown or out of range is an error. */
public final class ConfigReader {
    /** Where the file is looked for if nobody names one; it need not exist. */
    public static final Path DEFAULT_FILE = Path.of("/etc/labeler/labeler.toml");

    /** Hundreds of times what every setting with a comment needs. */
    private static final long MAXIMUM_SIZE = 1 << 20;

    /** useradd(8) of shadow-utils: names are up to 32 characters; dots and capitals are seen in directories. */
    private static final Pattern GROUP = Pattern.compile("[A-Za-z_][A-Za-z0-9_.-]{0,31}");

    private static final Pattern SELINUX_TYPE = Pattern.compile("[A-Za-z0-9_.-]{1,128}");

    /** What came of reading. */
    public sealed interface Result {}

    public record Read(Config config) implements Result {}

    /** Not usable; {@code message} is one line that names the file. */
    public record Invalid(String message) implements Result {}

    private ConfigReader() {}

    /**
     * The settings.
     *
     * @param file as somebody named it, which must then exist; empty for {@link #DEFAULT_FILE}
     */
    public static Result read(Optional<Path> file) {
        Path path = file.orElse(DEFAULT_FILE);
        HostPath name = HostPath.of(path);
        try {
            if (Files.size(path) > MAXIMUM_SIZE) {
                return new Invalid(name + ": larger than " + MAXIMUM_SIZE + " bytes, so hardly a settings file");
            }
            return parse(name.printable(), Files.readString(path));
        } catch (NoSuchFileException e) {
            return file.isPresent() ? new Invalid(name + ": no such file") : new Read(Config.DEFAULT);
        } catch (IOException e) {
            return new Invalid(name + ": " + IoReason.of(e) + "; mend that, or name another file with --config");
        }
    }

    /**
     * The settings in a text.
     *
     * @param name of the text, for messages
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
        List<String> errors = new ArrayList<>();
        ConfigTable top = new ConfigTable("", root, errors);
        Config config = new Config(
                service(top.table("service")),
                mcs(top.table("mcs")),
                label(top.table("label")),
                image(top.table("image")),
                launch(top.table("launch")));
        top.refuseTheRest();
        return errors.isEmpty() ? new Read(config) : new Invalid(name + ": " + errors.getFirst());
    }

    private static ServiceConfig service(ConfigTable table) {
        ServiceConfig fallback = ServiceConfig.DEFAULT;
        Path socket = table.absolutePath("socket").orElse(fallback.socket());
        ServiceConfig.Group group = table.text("group", GROUP.asMatchPredicate(), "the name of a group")
                .map(name -> new ServiceConfig.Group(name, true))
                .orElse(fallback.group());
        Path stateDirectory = table.absolutePath("state-directory").orElse(fallback.stateDirectory());
        Path runDirectory = table.absolutePath("run-directory").orElse(fallback.runDirectory());
        int threads = table.number("threads", ServiceConfig.MINIMUM_THREADS, ServiceConfig.MAXIMUM_THREADS)
                .orElse(fallback.threads());
        List<String> peerTypes = table.texts("peer-types", SELINUX_TYPE.asMatchPredicate(), "SELinux types")
                .orElse(fallback.peerTypes());
        table.refuseTheRest();
        return new ServiceConfig(socket, group, stateDirectory, runDirectory, threads, peerTypes);
    }

    private static McsConfig mcs(ConfigTable table) {
        McsConfig mcs = table.parsed("range", CategoryRange::parse, "two categories, the lower first: \"c0.c1023\"")
                .map(McsConfig::new)
                .orElse(McsConfig.DEFAULT);
        table.refuseTheRest();
        return mcs;
    }

    private static LabelConfig label(ConfigTable table) {
        Optional<Path> contextsDirectory = table.absolutePath("contexts-directory");
        Enforcement enforcement = table.parsed("enforcement", ConfigReader::enforcement, "\"required\" or \"optional\"")
                .orElse(LabelConfig.DEFAULT.enforcement());
        LabelConfig.Unlabelled unlabelled = table.parsed(
                        "unlabelled", LabelConfig.Unlabelled::parse, "\"refuse\" or \"leave\"")
                .orElse(LabelConfig.DEFAULT.unlabelled());
        table.refuseTheRest();
        return new LabelConfig(contextsDirectory, enforcement, unlabelled);
    }

    private static ImageConfig image(ConfigTable table) {
        ImageConfig image = paths(table, "roots")
                .map(roots -> new ImageConfig(Optional.of(roots)))
                .orElse(ImageConfig.DEFAULT);
        table.refuseTheRest();
        return image;
    }

    private static LaunchConfig launch(ConfigTable table) {
        LaunchConfig fallback = LaunchConfig.DEFAULT;
        LandlockPolicy.Mode landlock = table.parsed("landlock", ConfigReader::landlock, "\"auto\", \"on\" or \"off\"")
                .orElse(fallback.landlock());
        List<HostPath> systemFiles = paths(table, "system-files").orElse(fallback.systemFiles());
        List<HostPath> devices = paths(table, "devices").orElse(fallback.devices());
        Optional<LaunchConfig.Owner> squashed =
                table.parsed("root-squash-owner", LaunchConfig.Owner::parse, "USER:GROUP, by names or numbers");
        table.refuseTheRest();
        return new LaunchConfig(landlock, systemFiles, devices, squashed);
    }

    private static Optional<List<HostPath>> paths(ConfigTable table, String key) {
        return table.texts(key, text -> text.startsWith("/") && text.indexOf(0) < 0, "absolute paths")
                .map(texts -> texts.stream().map(HostPath::of).toList());
    }

    private static Optional<LandlockPolicy.Mode> landlock(String word) {
        return switch (word) {
            case "auto" -> Optional.of(LandlockPolicy.Mode.AUTO);
            case "on" -> Optional.of(LandlockPolicy.Mode.ON);
            case "off" -> Optional.of(LandlockPolicy.Mode.OFF);
            default -> Optional.empty();
        };
    }

    /** The word for it in the file and on the command line. */
    public static Optional<Enforcement> enforcement(String word) {
        return switch (word) {
            case "required" -> Optional.of(Enforcement.REQUIRED);
            case "optional" -> Optional.of(Enforcement.OPTIONAL);
            default -> Optional.empty();
        };
    }
}
