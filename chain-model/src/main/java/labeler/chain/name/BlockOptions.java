package labeler.chain.name;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.chain.FileName;

/**
 * The files that the options behind {@code json:} name. qemu makes them flat first, so that {@code {"file":
 * {"filename": …}}} and {@code {"file.filename": …}} are one; a group of them with a driver or a file name is a node of
 * its block graph.
 */
public sealed interface BlockOptions {
    /**
     * A target that qemu would open.
     *
     * @param driver printable; {@code file} if a file name comes without one
     * @param name of the file, or a URL; else the options that name it, as {@code -blockdev} has them
     */
    record Reference(String driver, FileName name) {}

    /**
     * Options that qemu would accept.
     *
     * @param plainFile the file, if they name one file and nothing else
     * @param areAllRemote whether there are targets, and all of them are surely behind a network
     */
    record Named(List<Reference> references, Optional<PlainFile> plainFile, boolean areAllRemote)
            implements BlockOptions {
        public Named {
            references = List.copyOf(references);
        }
    }

    /**
     * A file by an absolute name, as a plain name would lead to it.
     *
     * @param driver of the image in it, if the options have one
     */
    record PlainFile(Optional<FileName> driver, FileName name) {}

    /** No object; qemu refuses it. */
    record Broken(String reason) implements BlockOptions {}

    String DRIVER = "driver";

    /** Options that are a whole name by themselves. */
    Set<String> WHOLE_NAMES = Set.of("filename", "url");

    /**
     * The first words of the other options of qemu 10.0 that give the place of a target (BlockdevOptions in its QAPI).
     */
    Set<String> PARTS_OF_NAMES = Set.of(
            "conf",
            "config",
            "device",
            "dir",
            "export",
            "host",
            "image",
            "logfile",
            "lun",
            "namespace",
            "path",
            "pool",
            "port",
            "portal",
            "server",
            "socket",
            "target",
            "volume");

    /** Reads a name that begins with {@code json:}. */
    static BlockOptions in(FileName name) {
        return switch (JsonText.read(name.from(ReferenceName.JSON_PREFIX.length()))) {
            case JsonText.Flat(List<JsonText.Option> options) -> {
                List<Reference> references = references(options);
                yield isEachOnce(options)
                        ? new Named(references, plainFile(options), areAllRemote(references, options))
                        : new Named(references, Optional.empty(), false);
            }
            case JsonText.Broken broken -> new Broken(broken.reason());
        };
    }

    /**
     * Whether no option is there nested and flat as well. For qemu the nested one counts, wherever it stands; no honest
     * program writes both, so that no reader has to know which.
     */
    private static boolean isEachOnce(List<JsonText.Option> options) {
        return options.stream().map(JsonText.Option::key).distinct().count() == options.size();
    }

    /**
     * With one more option than these it could be another file, or a part of it; and a relative name would be relative to
     * the directory of the qemu process, which changes from one start to the next.
     */
    private static Optional<PlainFile> plainFile(List<JsonText.Option> options) {
        Map<String, String> values = new HashMap<>();
        for (JsonText.Option option : options) {
            values.put(option.key(), option.value());
        }
        Optional<FileName> driver = Optional.ofNullable(values.remove(DRIVER)).map(FileName::of);
        boolean isFile = Optional.ofNullable(values.remove("file.driver"))
                .map("file"::equals)
                .orElse(true);
        return Optional.ofNullable(values.remove("file.filename"))
                .map(FileName::of)
                .filter(name -> isFile && name.isAbsolute() && values.isEmpty())
                .map(name -> new PlainFile(driver, name));
    }

    private static boolean areAllRemote(List<Reference> references, List<JsonText.Option> options) {
        Map<String, String> drivers = drivers(options);
        return !references.isEmpty()
                && references.stream().map(Reference::driver).allMatch(ReferenceName.REMOTE_PROTOCOLS::contains)
                && options.stream().allMatch(option -> {
                    String node = node(option.key(), drivers.keySet());
                    String driver = drivers.getOrDefault(node, "");
                    return !ReferenceName.REMOTE_PROTOCOLS.contains(driver)
                            || NetworkDisk.isOption(driver, option.key().substring(node.length()), option.value());
                });
    }

    private static List<Reference> references(List<JsonText.Option> options) {
        Map<String, String> drivers = drivers(options);
        Map<String, List<String>> parts = new LinkedHashMap<>();
        List<Reference> references = new ArrayList<>();
        for (JsonText.Option option : options) {
            String node = node(option.key(), drivers.keySet());
            String key = option.key().substring(node.length());
            if (WHOLE_NAMES.contains(key)) {
                references.add(new Reference(driver(drivers.getOrDefault(node, "")), FileName.of(option.value())));
            } else if (PARTS_OF_NAMES.contains(firstWord(key))) {
                parts.computeIfAbsent(node, _ -> new ArrayList<>()).add(key + "=" + option.value());
            }
        }
        parts.forEach((node, named) -> references.add(
                new Reference(driver(drivers.getOrDefault(node, "")), FileName.of(String.join(",", named)))));
        return references.stream()
                .filter(reference -> !reference.name().isEmpty())
                .toList();
    }

    /** By the prefix of each node's options, empty for the top's; the driver is empty where there is none. */
    private static Map<String, String> drivers(List<JsonText.Option> options) {
        Map<String, String> drivers = new HashMap<>(Map.of("", ""));
        for (JsonText.Option option : options) {
            String word = option.key().substring(option.key().lastIndexOf('.') + 1);
            String node = option.key().substring(0, option.key().length() - word.length());
            if (word.equals(DRIVER)) {
                drivers.put(node, option.value());
            } else if (WHOLE_NAMES.contains(word)) {
                drivers.putIfAbsent(node, "");
            }
        }
        return drivers;
    }

    /** The longest prefix of a key that is a node's prefix. */
    private static String node(String key, Set<String> nodes) {
        int end = key.lastIndexOf('.') + 1;
        while (!nodes.contains(key.substring(0, end))) {
            end = key.lastIndexOf('.', end - 2) + 1;
        }
        return key.substring(0, end);
    }

    private static String driver(String given) {
        return given.isEmpty() ? "file" : FileName.of(given).printable();
    }

    private static String firstWord(String key) {
        int dot = key.indexOf('.');
        return dot < 0 ? key : key.substring(0, dot);
    }
}
