package labeler.guard.judge;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import labeler.fileset.FileUse;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
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

    /** @param answer of qemu's; empty if there was none */
    static AuditEntry of(VmName vm, PeerIdentity client, Prepared.Ready ready, Optional<JsonObject> answer) {
        AuditEntry entry = of(vm, client, ready);
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

    private static AuditEntry of(VmName vm, PeerIdentity client, Prepared.Ready ready) {
        List<FileHold> holds =
                ready.taken().stream().flatMap(taken -> taken.holds().stream()).toList();
        return AuditEntry.command(vm, client, ready.number(), ready.asked())
                .files(holds.stream().map(CommandEntry::file).toList())
                .holds(holds.stream().map(CommandEntry::change).toList());
    }

    /**
     * Labels that follow from holds which ended without a command: a job is over, a device has left. A file that the VM
     * goes on to hold in the same way keeps its label.
     *
     * @return empty if each label stays
     */
    static Optional<AuditEntry> released(VmName vm, List<FileHold> before, List<FileHold> now) {
        List<HoldChange> changes = before.stream()
                .filter(hold ->
                        now.stream().noneMatch(one -> one.path().equals(hold.path()) && access(one) == access(hold)))
                .map(hold -> new HoldChange(
                        HoldChange.Change.RELEASED,
                        hold.path(),
                        access(hold),
                        hold.trigger().text()))
                .toList();
        return changes.isEmpty()
                ? Optional.empty()
                : Optional.of(AuditEntry.of(AuditEvent.LABELS_CHANGED, vm).holds(changes));
    }

    private static AuditFile file(FileHold hold) {
        Stream<String> roles = hold.uses().stream().map(use -> use.role().word());
        return new AuditFile(hold.path(), access(hold), roles.findFirst().orElse(""));
    }

    private static HoldChange change(FileHold hold) {
        return new HoldChange(
                HoldChange.Change.TAKEN,
                hold.path(),
                access(hold),
                hold.trigger().text());
    }

    private static UseAccess access(FileHold hold) {
        return hold.uses().stream()
                .map(FileUse::access)
                .filter(UseAccess::isWriting)
                .findFirst()
                .orElse(UseAccess.READ_ONLY);
    }
}
