package labeler.guard.judge;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.fileset.FileUse;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditFile;
import labeler.guard.record.HoldChange;
import labeler.guard.record.Outcome;
import labeler.journal.FileHold;
import labeler.json.Json;
import labeler.json.Json.JsonObject;
import labeler.linux.PeerIdentity;
import labeler.vm.UseAccess;
import labeler.vm.VmName;

/** A command as the audit log has it: its files and what it took, never its arguments. */
final class CommandEntry {
    private CommandEntry() {}

    /**
     * The line of a command that was sent.
     *
     * @param answer of qemu's; empty if there was none
     * @param changes of holds that came with it, beside what the command took before
     */
    static AuditEntry of(
            VmName vm,
            PeerIdentity client,
            Prepared.Ready ready,
            Optional<JsonObject> answer,
            List<HoldChange> changes) {
        AuditEntry entry = of(vm, client, ready, changes);
        if (answer.isEmpty()) {
            return entry.ended(Outcome.UNANSWERED, "the monitor ended before qemu answered");
        }
        return answer.get().get("return").isPresent()
                ? entry.allowed()
                : entry.ended(Outcome.FAILED_IN_QEMU, error(answer.get()));
    }

    private static String error(JsonObject message) {
        return message.get("error").orElse(Json.nothing()) instanceof JsonObject error
                ? error.text("desc").orElse("")
                : "";
    }

    private static AuditEntry of(VmName vm, PeerIdentity client, Prepared.Ready ready, List<HoldChange> changes) {
        List<FileHold> holds =
                ready.taken().stream().flatMap(taken -> taken.holds().stream()).toList();
        return AuditEntry.command(vm, client, ready.number(), ready.asked())
                .files(holds.stream().map(CommandEntry::file).toList())
                .holds(Stream.concat(
                                holds.stream().map(hold -> change(HoldChange.Change.TAKEN, hold)), changes.stream())
                        .toList());
    }

    /**
     * The labels that follow from other holds than before. A file that the VM goes on to hold in the same way keeps its
     * label.
     */
    static List<HoldChange> changes(List<FileHold> before, List<FileHold> now) {
        return Stream.concat(
                        before.stream()
                                .filter(hold -> isUnlike(hold, now))
                                .map(hold -> change(HoldChange.Change.RELEASED, hold)),
                        now.stream()
                                .filter(hold -> isUnlike(hold, before))
                                .map(hold -> change(HoldChange.Change.TAKEN, hold)))
                .toList();
    }

    private static boolean isUnlike(FileHold hold, List<FileHold> others) {
        return others.stream().noneMatch(one -> one.path().equals(hold.path()) && access(one) == access(hold));
    }

    private static AuditFile file(FileHold hold) {
        Stream<String> roles = hold.uses().stream().map(use -> use.role().word());
        return new AuditFile(hold.path(), access(hold), roles.findFirst().orElse(""));
    }

    private static HoldChange change(HoldChange.Change change, FileHold hold) {
        return new HoldChange(change, hold.path(), access(hold), hold.trigger().text());
    }

    private static UseAccess access(FileHold hold) {
        return hold.uses().stream()
                .map(FileUse::access)
                .filter(UseAccess::isWriting)
                .findFirst()
                .orElse(UseAccess.READ_ONLY);
    }
}
