package labeler.vm.libvirt;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.json.JsonReader;

/**
 * A firmware that is installed, as its package describes it: qemu's {@code docs/interop/firmware.json}.
 *
 * @param interfaces that it offers to the guest: {@code uefi}, {@code bios}
 * @param targets machines that it fits
 * @param features {@code secure-boot}, {@code requires-smm}, …
 */
record FirmwareDescriptor(Set<String> interfaces, Mapping mapping, List<Target> targets, Set<String> features) {
    /** A descriptor has less than a hundred words. */
    private static final int MOST_TOKENS = 10_000;

    FirmwareDescriptor {
        interfaces = Set.copyOf(interfaces);
        targets = List.copyOf(targets);
        features = Set.copyOf(features);
    }

    /** The way it gets into the guest's memory. */
    sealed interface Mapping {}

    /** In a flash chip, the variables of which are in a file of their own if it is {@code split}. */
    record Flash(String mode, Image executable, Optional<Image> template) implements Mapping {}

    /** As a ROM. */
    record Memory(String file) implements Mapping {}

    /** As a kernel. */
    record Kernel(String file) implements Mapping {}

    /** A file and its format. */
    record Image(String file, String format) {}

    /** @param machines names of machine types, with {@code *} and {@code ?} */
    record Target(String architecture, List<String> machines) {
        Target {
            machines = List.copyOf(machines);
        }
    }

    /** Empty if it is no descriptor; libvirt passes over it as well. */
    static Optional<FirmwareDescriptor> parse(byte[] json) {
        return switch (new JsonReader(MOST_TOKENS).read(json)) {
            case JsonReader.Value(JsonObject object) -> parse(object);
            case JsonReader.Value _, JsonReader.NotJson _ -> Optional.empty();
        };
    }

    private static Optional<FirmwareDescriptor> parse(JsonObject object) {
        Set<String> interfaces = new HashSet<>(texts(object, "interface-types"));
        List<Target> targets = object.elements("targets").stream()
                .flatMap(target -> target instanceof JsonObject one
                        ? one.text("architecture").map(name -> new Target(name, texts(one, "machines"))).stream()
                        : Stream.<Target>of())
                .toList();
        Set<String> features = new HashSet<>(texts(object, "features"));
        return object.get("mapping")
                .flatMap(mapping -> mapping instanceof JsonObject one ? mapping(one) : Optional.empty())
                .map(mapping -> new FirmwareDescriptor(interfaces, mapping, targets, features));
    }

    private static Optional<Mapping> mapping(JsonObject mapping) {
        return switch (mapping.text("device").orElse("")) {
            case "flash" -> flash(mapping);
            case "memory" -> mapping.text("filename").map(Memory::new);
            case "kernel" -> mapping.text("filename").map(Kernel::new);
            default -> Optional.empty();
        };
    }

    private static Optional<Mapping> flash(JsonObject mapping) {
        String mode = mapping.text("mode").orElse("split");
        Optional<Image> template = image(mapping, "nvram-template");
        return image(mapping, "executable")
                .filter(_ -> !mode.equals("split") || template.isPresent())
                .map(executable -> new Flash(mode, executable, template));
    }

    private static Optional<Image> image(JsonObject mapping, String member) {
        return mapping.get(member)
                .flatMap(value -> value instanceof JsonObject one
                        ? one.text("filename")
                                .map(file -> new Image(file, one.text("format").orElse("raw")))
                        : Optional.empty());
    }

    private static List<String> texts(JsonObject object, String member) {
        return object.elements(member).stream()
                .flatMap(value -> value instanceof JsonString(String text) ? Stream.of(text) : Stream.<String>of())
                .toList();
    }

    /** Whether it fits a machine; an architecture that the domain leaves out is the host's. */
    boolean fits(Optional<String> architecture, String machine) {
        return targets.stream()
                .filter(target -> architecture
                        .filter(name -> !name.equals(target.architecture))
                        .isEmpty())
                .flatMap(target -> target.machines.stream())
                .anyMatch(pattern -> matches(pattern, machine));
    }

    /** In time that grows with the product of both lengths: a star that fits too little is stretched, the last alone. */
    static boolean matches(String pattern, String text) {
        int at = 0;
        int in = 0;
        int star = -1;
        int stretched = 0;
        while (in < text.length()) {
            if (at < pattern.length() && pattern.charAt(at) == '*') {
                star = at++;
                stretched = in;
            } else if (at < pattern.length() && (pattern.charAt(at) == '?' || pattern.charAt(at) == text.charAt(in))) {
                at++;
                in++;
            } else if (star >= 0) {
                at = star + 1;
                in = ++stretched;
            } else {
                return false;
            }
        }
        while (at < pattern.length() && pattern.charAt(at) == '*') {
            at++;
        }
        return at == pattern.length();
    }
}
