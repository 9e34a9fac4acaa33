package labeler.vm.qemu.block;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import labeler.chain.FileName;
import labeler.chain.name.NetworkDisk;
import labeler.chain.name.ReferenceName;
import labeler.json.Json;
import labeler.json.Json.JsonArray;
import labeler.json.Json.JsonBoolean;
import labeler.json.Json.JsonDecimal;
import labeler.json.Json.JsonInteger;
import labeler.json.Json.JsonNull;
import labeler.json.Json.JsonObject;
import labeler.json.Json.JsonString;
import labeler.vm.DefinitionBuilder;
import labeler.vm.FileRole;
import labeler.vm.LibraryFiles;
import labeler.vm.Origin;
import labeler.vm.qemu.text.Argument;
import labeler.vm.qemu.text.ByteText;
import labeler.vm.qemu.text.Edit;
import labeler.vm.qemu.text.Settings;

/**
 * A {@code -drive}, or the {@code -drive} that qemu makes of one of its short forms.
 *
 * @param named the JSON of the name, if it is a readable {@code json:} one
 */
record Drive(OptionPlace place, Settings settings, Optional<JsonObject> named) {
    private static final Set<String> NAME = Set.of("file");

    private static final Set<String> DRIVE_ONLY = Set.of("file", "format", "id", "snapshot");

    /** Settings of the whole disk: qemu sets these itself even if they do not stand beside the name. */
    private static final Set<String> ROOT_ONLY = Set.of("read-only", "auto-read-only", "cache");

    /** Modes of {@code cache=} that bypass the host's page cache. */
    private static final Set<String> DIRECT = Set.of("none", "off", "directsync");

    static Drive of(OptionPlace place, Settings settings) {
        String file = settings.text("file");
        Optional<JsonObject> named = file.startsWith(ReferenceName.JSON_PREFIX)
                ? ByteText.json(file.substring(ReferenceName.JSON_PREFIX.length()))
                : Optional.empty();
        return new Drive(place, settings, named);
    }

    Origin origin() {
        return place.origin();
    }

    boolean isReadOnly() {
        return settings.text("media").equals("cdrom") || settings.isOn("readonly") || settings.isOn("read-only");
    }

    /**
     * Whether writes go to an overlay that qemu deletes.
     *
     * @param forAll {@code -snapshot}, for drives that do not say themselves
     */
    boolean isTemporary(boolean forAll) {
        return settings.has("snapshot") ? settings.isOn("snapshot") : forAll;
    }

    /** Whether it bypasses the host's page cache (O_DIRECT); {@code cache.direct} overrides {@code cache}. */
    boolean isDirect() {
        return settings.has("cache.direct") ? settings.isOn("cache.direct") : DIRECT.contains(settings.text("cache"));
    }

    /** A drive's settings as a block node; empty if the drive has no medium, or a problem was reported. */
    Optional<JsonObject> tree(DefinitionBuilder out) {
        Optional<JsonObject> tree = settings.without(DRIVE_ONLY).tree();
        if (tree.isEmpty()) {
            out.malformed(origin(), "settings that do not fit together");
            return Optional.empty();
        }
        Map<String, Json> members = new LinkedHashMap<>(tree.get().members());
        // For the drive as a whole: a CD-ROM, or an image below a temporary overlay, is only read even if it is off.
        members.remove("read-only");
        settings.get("format").ifPresent(format -> members.put("driver", new JsonString(format)));
        String file = settings.text("file");
        return switch (ReferenceName.classify(ByteText.name(file))) {
            case ReferenceName.Empty() -> hasMedium(members) ? Optional.of(new JsonObject(members)) : Optional.empty();
            case ReferenceName.JsonOptions() -> withJson(out, members);
            case ReferenceName.LocalFile(FileName name) -> Optional.of(withFile(members, ByteText.of(name.bytes())));
            case ReferenceName.Protocol protocol -> protocol(out, members, protocol);
            case ReferenceName.UnknownProtocol(String protocol) ->
                protocol(out, members, new ReferenceName.Protocol(protocol, true));
        };
    }

    private static boolean hasMedium(Map<String, Json> members) {
        return Stream.of("driver", "file", "filename", "backing").anyMatch(members::containsKey);
    }

    /** {@code file=} is the medium itself for a file driver, and the {@code file} of a format or a filter otherwise. */
    private static JsonObject withFile(Map<String, Json> members, String name) {
        boolean itself = members.get("driver") instanceof JsonString(String driver)
                && BlockDriver.of(driver).equals(Optional.of(BlockDriver.FILE));
        if (itself) {
            members.put("filename", new JsonString(name));
        } else {
            Map<String, Json> file = new LinkedHashMap<>(
                    members.get("file") instanceof JsonObject(Map<String, Json> given) ? given : Map.of());
            file.put("filename", new JsonString(name));
            members.put("file", new JsonObject(file));
        }
        return new JsonObject(members);
    }

    /** Settings beside the name take precedence over those in the name. */
    private Optional<JsonObject> withJson(DefinitionBuilder out, Map<String, Json> members) {
        if (named.isEmpty()
                || hasFlatKey(named.get())
                || members.keySet().stream().anyMatch(BlockDriver.CHILD_KEYS::contains)) {
            out.notUnderstood(
                    origin(),
                    "a json: name that cannot be read, or with a dot in a key, or with more options for its nodes"
                            + " beside it",
                    "write it as -blockdev");
            return Optional.empty();
        }
        Map<String, Json> merged = new LinkedHashMap<>(named.get().members());
        merged.keySet().removeAll(ROOT_ONLY);
        merged.putAll(members);
        return Optional.of(new JsonObject(merged));
    }

    /** For qemu a dot in a key makes a node, also beside one that is written out; {@code -blockdev} has no such keys. */
    private static boolean hasFlatKey(Json json) {
        return switch (json) {
            case JsonObject(Map<String, Json> members) ->
                members.entrySet().stream()
                        .anyMatch(member -> member.getKey().contains(".") || hasFlatKey(member.getValue()));
            case JsonArray(List<Json> elements) -> elements.stream().anyMatch(Drive::hasFlatKey);
            case JsonString _, JsonBoolean _, JsonInteger _, JsonDecimal _, JsonNull _ -> false;
        };
    }

    /** A name with a protocol gives no node. */
    private Optional<JsonObject> protocol(
            DefinitionBuilder out, Map<String, Json> members, ReferenceName.Protocol reached) {
        String protocol = reached.protocol();
        boolean isLocal = reached.reachesThisHost();
        refuseMore(out, members, isLocal && !protocol.equals("rbd") ? "" : protocol);
        String name = settings.text("file");
        boolean raw = members.get("driver") instanceof JsonString(String driver) && driver.equals("raw");
        boolean isUndeclared = members.get("driver") == null;
        if (LocalNames.declare(name, origin(), out)) {
            // The disk that qemu makes of a directory begins with a boot sector, and with nothing else.
            if (!raw && !(isUndeclared && protocol.equals("fat"))) {
                unread(out, "a disk that is no file");
            }
        } else if (protocol.equals("rbd") || !isLocal) {
            if (protocol.equals("rbd")) {
                CephFiles.ofName(name, origin(), out);
            } else if (protocol.equals("ssh")) {
                LibraryFiles.ofSsh(origin(), out);
            }
            out.external(origin(), FileRole.DISK, ByteText.shown(name), protocol);
            if (!raw) {
                unread(out, "a remote image");
            }
        } else {
            out.notUnderstood(
                    origin(),
                    ByteText.shown(name) + " is taken for the protocol " + ByteText.shown(protocol)
                            + ", which is not understood",
                    "put ./ before a file's name with a colon, or write it as -blockdev");
        }
        return Optional.empty();
    }

    private void unread(DefinitionBuilder out, String what) {
        out.notUnderstood(
                origin(),
                "the header of " + what + " cannot be read here, and may name a file of this host",
                "declare format=raw, or write it as -blockdev with \"backing\": null");
    }

    /** Settings for the node that the name stands for: {@code file.KEY} beside it. */
    private void refuseMore(DefinitionBuilder out, Map<String, Json> members, String protocol) {
        String driver = ByteText.split(protocol, '+').getFirst();
        if (members.get("file") instanceof JsonObject beside) {
            Settings.of(beside).all().stream()
                    .filter(setting -> !NetworkDisk.isOption(driver, setting.key(), setting.value()))
                    .forEach(setting -> out.notUnderstood(
                            origin(),
                            "the setting file." + ByteText.shown(setting.key())
                                    + " beside a name with a protocol is not understood, and may name a file",
                            "write the disk as -blockdev"));
        }
    }

    /** Its settings with these values in its node; the new name comes last. */
    String with(List<Edit> edits) {
        return named.map(json -> withJson(json, edits)).orElseGet(() -> {
            boolean isNamed = edits.stream()
                    .map(Edit::path)
                    .anyMatch(path -> path.equals(List.of("filename")) || path.equals(List.of("file", "filename")));
            return new Argument.InSettings(isNamed ? settings.without(NAME) : settings)
                    .with(edits)
                    .text();
        });
    }

    private String withJson(JsonObject json, List<Edit> edits) {
        Map<Boolean, List<Edit>> besideOrInside = edits.stream()
                .collect(Collectors.partitioningBy(edit -> edit.path().size() == 1
                        && ROOT_ONLY.contains(edit.path().getFirst())));
        Argument inside = new Argument.InJson(json).with(besideOrInside.getOrDefault(false, List.of()));
        return new Argument.InSettings(settings.without(NAME))
                .with(besideOrInside.getOrDefault(true, List.of()))
                .settings()
                .with("file", ReferenceName.JSON_PREFIX + inside.text())
                .text();
    }
}
