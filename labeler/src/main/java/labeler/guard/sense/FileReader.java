package labeler.guard.sense;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import labeler.guard.relay.Command;
import labeler.guard.relay.OwnNames;
import labeler.guard.table.Mention;
import labeler.journal.HoldTrigger;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import labeler.vm.FileRole;
import labeler.vm.SharedDevices;
import labeler.vm.UseAccess;

/** Commands outside of the block layer: each file is named by one argument, whose role the table says. */
final class FileReader {
    private static final String FILE = "file:";

    private final Situation situation;
    private final MeaningBuilder out;
    private final String command;
    private final HoldTrigger end;

    FileReader(Situation situation, MeaningBuilder out, Command command) {
        this.situation = situation;
        this.out = out;
        this.command = command.name();
        this.end = end(command);
    }

    static HoldTrigger end(Command command) {
        String id = command.arguments().text("id").orElse("");
        return switch (command.name()) {
            case "object-add" -> new HoldTrigger.QemuObject(id);
            case "device_add" -> new HoldTrigger.QemuObject(device(id));
            case "chardev-add", "chardev-change" -> new HoldTrigger.CharacterDevice(id);
            case "migrate", "migrate-incoming", "migrate-recover" -> new HoldTrigger.Migration();
            case "dump-guest-memory" -> new HoldTrigger.Dump();
            default -> new HoldTrigger.Settling();
        };
    }

    /** A device is an object of its own kind: its id may also be that of an object. */
    static String device(String id) {
        return "device " + id;
    }

    /** Judges the texts, each by its role. */
    void read(List<Mention> mentions) {
        mentions.forEach(this::read);
    }

    private void read(Mention mention) {
        String text = mention.text();
        if (isAllowed(mention)) {
            allowed(mention);
            return;
        }
        switch (mention.role()) {
            case NONE, NETWORK -> {}
            case REFERENCE -> reference(text);
            case READ -> file(mention, UseAccess.READ_ONLY);
            case READ_WRITE -> file(mention, UseAccess.READ_WRITE);
            case WRITE, MAKE -> file(mention, UseAccess.CREATE);
            case SOCKET -> socket(text);
            case DIRECTORY ->
                out.refuse(
                        command.equals("device_add") ? Rule.C5 : Rule.N1,
                        at(mention) + " is a directory, and only files can be held; give it to the VM when it starts");
            case PROGRAM -> program(mention);
            case LEGACY -> legacy(text);
            case HEADER -> {}
            case DESCRIPTOR -> descriptor(text);
            case VALUE ->
                permitted(Rule.C4, at(mention) + " could mean anything; allow it in guard.allow, or leave it out");
        }
    }

    /** {@code device_add romfile}: where the settings allow the argument by its name. */
    private boolean isAllowed(Mention mention) {
        return situation.permissions().isAllowed(at(mention));
    }

    /** The places of files may be any then. What no setting allows is judged all the same. */
    private void allowed(Mention mention) {
        NameRules anywhere = situation.names().anywhere();
        String text = mention.text();
        switch (mention.role()) {
            case REFERENCE -> reference(text);
            case READ -> named(anywhere.file(text), text, UseAccess.READ_ONLY);
            case WRITE, MAKE -> named(anywhere.file(text), text, UseAccess.CREATE);
            case READ_WRITE, DIRECTORY -> out.path(anywhere.file(text));
            case SOCKET -> socket(text);
            case LEGACY -> legacy(text);
            case DESCRIPTOR -> descriptor(text);
            case NONE, NETWORK, HEADER, PROGRAM, VALUE -> {}
        }
    }

    private void named(NameRules.Name name, String text, UseAccess access) {
        if (!text.isEmpty()) {
            out.file(name, role(access), access, end);
        }
    }

    private void reference(String text) {
        if (OwnNames.has(text)) {
            out.refuse(Rule.C6, "names that begin with labeler- are the guard's own; name another");
        }
    }

    private void file(Mention mention, UseAccess access) {
        String name = mention.text();
        if (name.isEmpty()) {
            return;
        }
        Optional<HostPath> shared =
                HostPath.parse(name.getBytes(StandardCharsets.UTF_8)).filter(SharedDevices::isOpenToAll);
        if (shared.isPresent()) {
            out.file(new NameRules.Good(shared.get()), FileRole.SHARED_DEVICE, access, end);
            return;
        }
        if (access == UseAccess.READ_WRITE) {
            out.refuse(
                    command.equals("device_add") ? Rule.C5 : Rule.N2,
                    at(mention) + " is a device of the host; give it to the VM when it starts");
            return;
        }
        out.file(situation.names().file(name), role(access), access, end);
    }

    private FileRole role(UseAccess access) {
        boolean isRead = !access.isWriting();
        return switch (command) {
            case "object-add" -> isRead ? FileRole.SECRET : FileRole.MEMORY;
            case "device_add" -> isRead ? FileRole.ROM : FileRole.LOG;
            case "chardev-add", "chardev-change" -> isRead ? FileRole.CONFIGURATION : FileRole.LOG;
            case "migrate", "migrate-incoming", "migrate-recover" -> FileRole.SAVED_STATE;
            default -> FileRole.LOG;
        };
    }

    private void socket(String name) {
        out.path(situation.names().socket(name));
    }

    /** {@code script=no} runs nothing; without it qemu runs a script of its own. */
    private void program(Mention mention) {
        boolean isNone = mention.text().isEmpty()
                || (mention.text().equals("no") && mention.argument().path().endsWith("script"));
        if (!isNone) {
            permitted(Rule.C2, at(mention) + " runs a program; start it yourself, and hand over its descriptor");
        }
    }

    /** A tap device without both scripts named runs qemu's own, unless it comes as a descriptor. */
    void tap(JsonObject arguments) {
        boolean isTap =
                arguments.text("type").filter(Set.of("tap", "bridge")::contains).isPresent();
        boolean isHanded =
                arguments.text("fd").isPresent() || arguments.text("fds").isPresent();
        boolean isQuiet = List.of("script", "downscript").stream()
                .allMatch(key -> arguments.get(key).equals(Optional.of(Json.of("no"))));
        if (isTap && !isHanded && !isQuiet) {
            permitted(
                    Rule.C2,
                    "netdev_add runs qemu's own script; set script and downscript to \"no\", or hand over"
                            + " a descriptor");
        }
    }

    private void legacy(String text) {
        if (text.startsWith("exec:")) {
            permitted(Rule.C2, command + " to exec: runs a program; use a file, a socket or fd:");
        } else if (text.startsWith(FILE)) {
            String whole = text.substring(FILE.length());
            // Only a migration knows an offset; to any other command it is a part of the name.
            String name = end instanceof HoldTrigger.Migration ? whole.split(",offset=", 2)[0] : whole;
            boolean isRead = command.equals("migrate-incoming");
            out.file(
                    situation.names().file(name),
                    role(isRead ? UseAccess.READ_ONLY : UseAccess.CREATE),
                    isRead ? UseAccess.READ_ONLY : UseAccess.CREATE,
                    end);
        } else if (text.startsWith("fd:")) {
            descriptor(text.substring("fd:".length()));
        } else if (text.startsWith("unix:")) {
            socket(text.substring("unix:".length()));
        } else if (!text.equals("defer") && !NameRules.isOfNetwork(text)) {
            out.refuse(
                    Rule.N3,
                    "the address " + NameRules.printable(text)
                            + " is of no kind that is understood; use file:, unix:, tcp: or fd:");
        }
    }

    /** Numbers are descriptors that qemu has had since its start; names are those of this client. */
    private void descriptor(String text) {
        for (String name : text.split(":", -1)) {
            if (!situation.descriptors().containsKey(name)
                    && !(command.equals("migrate-incoming") && name.matches("[0-9]{1,6}"))) {
                out.refuse(
                        Rule.S11,
                        "the descriptor " + NameRules.printable(name)
                                + " was not given to this VM by a client; send it with" + " getfd before");
            }
        }
    }

    private void permitted(Rule rule, String message) {
        if (!situation.permissions().isAllowed(command)
                && !situation.permissions().isAllowed(rule)) {
            out.refuse(rule, message);
        }
    }

    private String at(Mention mention) {
        String path = mention.argument().path();
        return command + " " + path.substring(path.lastIndexOf('.') + 1);
    }
}
