package labeler.guard.record;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import labeler.json.Inlined;
import labeler.json.LeftOut;
import labeler.linux.PeerIdentity;
import labeler.registry.HostName;
import labeler.vm.VmName;

/**
 * A decision or an event, as it goes into the audit log. It is made step by step, and each step gives a new entry:
 *
 * <pre>{@code
 * log.add(AuditEntry.command(vm, peer, 12, "block-commit")
 *         .files(files)
 *         .refused("S9", "node b is not below m in disk vd0")
 *         .took(elapsed));
 * }</pre>
 *
 * @param vm empty for an event of the service
 * @param client the process that asked; empty if nobody did
 * @param command of a client of a monitor
 * @param files at most {@value Bounds#MOST_FILES} of them
 * @param holds changes of what the VM holds, at most {@value Bounds#MOST_FILES}
 * @param denial an access that the kernel denied
 * @param hosts other hosts that it is about, at most {@value Bounds#MOST_FILES}
 */
public record AuditEntry(
        AuditEvent event,
        @LeftOut Optional<VmName> vm,
        @LeftOut Optional<AuditClient> client,
        @LeftOut Optional<AuditCommand> command,
        @LeftOut List<AuditFile> files,
        @Inlined Result result,
        @LeftOut List<HoldChange> holds,
        @LeftOut Optional<AuditDenial> denial,
        @LeftOut List<HostName> hosts) {
    /** About the bytes of an entry without its lists and its message. */
    private static final int ENTRY_BYTES = 400;

    /** About the bytes of an element of a list without its path. */
    private static final int ITEM_BYTES = 200;

    public AuditEntry {
        files = Bounds.files(files);
        holds = Bounds.files(holds);
        hosts = Bounds.files(hosts);
    }

    /** An event of the service, of no VM. */
    public static AuditEntry of(AuditEvent event) {
        return of(event, Optional.empty());
    }

    /** An event of a VM. */
    public static AuditEntry of(AuditEvent event, VmName vm) {
        return of(event, Optional.of(vm));
    }

    private static AuditEntry of(AuditEvent event, Optional<VmName> vm) {
        return new AuditEntry(
                event,
                vm,
                Optional.empty(),
                Optional.empty(),
                List.of(),
                Result.NONE,
                List.of(),
                Optional.empty(),
                List.of());
    }

    /**
     * A command of a client of a VM's monitor.
     *
     * @param number the number of this command for its VM
     */
    public static AuditEntry command(VmName vm, PeerIdentity client, long number, String name) {
        return of(AuditEvent.COMMAND, vm).by(client).command(new AuditCommand(number, name));
    }

    /** The same, asked for by this client. */
    public AuditEntry by(PeerIdentity peer) {
        return new AuditEntry(
                event, vm, Optional.of(AuditClient.of(peer)), command, files, result, holds, denial, hosts);
    }

    private AuditEntry command(AuditCommand asked) {
        return new AuditEntry(event, vm, client, Optional.of(asked), files, result, holds, denial, hosts);
    }

    /** The same, about these files. */
    public AuditEntry files(List<AuditFile> about) {
        return new AuditEntry(event, vm, client, command, about, result, holds, denial, hosts);
    }

    /** The same, with these changes of holds. */
    public AuditEntry holds(List<HoldChange> changes) {
        return new AuditEntry(event, vm, client, command, files, result, changes, denial, hosts);
    }

    /** The same, about these other hosts. */
    public AuditEntry hosts(List<HostName> about) {
        return new AuditEntry(event, vm, client, command, files, result, holds, denial, about);
    }

    /** The same, about an access that the kernel denied. */
    public AuditEntry denied(AuditDenial denied) {
        return new AuditEntry(event, vm, client, command, files, result, holds, Optional.of(denied), hosts);
    }

    /** The same, done by qemu. */
    public AuditEntry allowed() {
        return with(
                new Result(Optional.of(Outcome.ALLOWED), Optional.empty(), result.message(), result.milliseconds()));
    }

    /**
     * The same, refused by a rule.
     *
     * @param rule its id, {@code S1}
     */
    public AuditEntry refused(String rule, String message) {
        return with(new Result(
                Optional.of(Outcome.REFUSED), Optional.of(rule), Optional.of(message), result.milliseconds()));
    }

    /** The same, ended in this way for this reason. */
    public AuditEntry ended(Outcome outcome, String message) {
        return with(new Result(Optional.of(outcome), Optional.empty(), Optional.of(message), result.milliseconds()));
    }

    /** The same, with a message for people: one line, never with a secret. */
    public AuditEntry saying(String message) {
        return with(new Result(result.outcome(), result.rule(), Optional.of(message), result.milliseconds()));
    }

    /** The same, from the command's arrival to its answer. */
    public AuditEntry took(Duration elapsed) {
        return with(new Result(result.outcome(), result.rule(), result.message(), Optional.of(elapsed.toMillis())));
    }

    /** About the bytes that it takes in memory. */
    long weight() {
        long paths = files.stream()
                        .mapToLong(file -> file.path().length() + ITEM_BYTES)
                        .sum()
                + holds.stream()
                        .mapToLong(hold -> hold.path().length() + ITEM_BYTES)
                        .sum();
        return ENTRY_BYTES
                + paths
                + (long) hosts.size() * ITEM_BYTES
                + 2L * result.message().map(String::length).orElse(0)
                + 2L * denial.map(AuditDenial::length).orElse(0);
    }

    private AuditEntry with(Result other) {
        return new AuditEntry(event, vm, client, command, files, other, holds, denial, hosts);
    }
}
