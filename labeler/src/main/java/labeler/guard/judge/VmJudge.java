package labeler.guard.judge;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import labeler.guard.record.AuditEntry;
import labeler.guard.record.AuditEvent;
import labeler.guard.relay.Command;
import labeler.guard.relay.Judge;
import labeler.guard.sense.ForbiddenCommands;
import labeler.guard.sense.Objection;
import labeler.guard.sense.UrgentCommands;
import labeler.guard.table.CommandClass;
import labeler.guard.table.QmpTable;
import labeler.journal.HoldTrigger;
import labeler.json.Json.JsonObject;
import labeler.linux.Descriptor;
import labeler.linux.HostPath;
import labeler.linux.PeerIdentity;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The judge of one VM. A command that touches no file is passed on at once. All others are done one after another on a
 * thread of the VM's own: judged, prepared, sent, answered, settled. So each is judged in the light of all before it.
 */
final class VmJudge implements Judge {
    private static final Logger LOG = LoggerFactory.getLogger(VmJudge.class);

    /** Events after which a job, a device or a migration may be over. */
    private static final List<String> ENDINGS = List.of(
            "BLOCK_JOB_COMPLETED",
            "BLOCK_JOB_CANCELLED",
            "BLOCK_EXPORT_DELETED",
            "DEVICE_DELETED",
            "DUMP_COMPLETED",
            "JOB_STATUS_CHANGE",
            "MIGRATION");

    private final JudgeMeans means;
    private final CommandTables tables;
    private final VmCommands commands;
    private final VmState state;
    private final ForbiddenCommands forbidden;
    private final UrgentCommands urgent;
    private final JobEnds jobs;
    private final BlockingQueue<Runnable> tasks = new LinkedBlockingQueue<>();
    private final AtomicBoolean isLookDue = new AtomicBoolean();
    private final AtomicBoolean isSettlingDue = new AtomicBoolean();

    private final ToldEnds told = new ToldEnds();

    /** Only the judge's own thread asks for it. */
    private volatile Optional<QmpTable> table = Optional.empty();

    private volatile boolean isEnded;

    VmJudge(JudgeMeans means, CommandTables tables, VmState state) {
        this.means = means;
        this.tables = tables;
        this.state = state;
        this.commands = new VmCommands(means, state, told, this::settleLater);
        this.forbidden = new ForbiddenCommands(means.permissions());
        this.urgent = new UrgentCommands(means.names(), forbidden);
        this.jobs = new JobEnds(means, tasks::add);
        means.log()
                .add(AuditEntry.of(AuditEvent.GUARD_ATTACHED, means.vm())
                        .saying("the guard has reached the monitor of its qemu"));
        tasks.add(commands::settle);
        Thread.ofVirtual().name("judge " + means.vm()).start(this::work);
    }

    /** Its schema has two hundred kilobytes, and libvirt waits for each start: so the first command that needs it asks. */
    private Optional<QmpTable> table() {
        if (table.isEmpty()) {
            table = means.qemu().schema().map(tables::of);
        }
        return table;
    }

    private void work() {
        try {
            while (!isEnded) {
                run(tasks.take());
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        List<Runnable> left = new ArrayList<>();
        tasks.drainTo(left);
        left.forEach(this::run);
        commands.close();
    }

    private void run(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | OutOfMemoryError | StackOverflowError e) {
            LOG.error("VM {}: a fault of the guard", means.vm(), e);
        }
    }

    @Override
    public void judge(PeerIdentity peer, Command command, List<Descriptor> descriptors, Consumer<Verdict> verdict) {
        Client client = Client.of(peer, descriptors, verdict);
        if (tables.classOf(command.name()) == CommandClass.PASS) {
            pass(client, command);
        } else if (urgent.has(command)) {
            // It frees a command that hangs, for which all others wait.
            urgent.objection(command)
                    .ifPresentOrElse(
                            objection -> commands.refuse(client, command, objection),
                            () -> passAtOnce(client, command, entry(client, command)));
            lookSoon();
        } else {
            tasks.add(() -> decide(client, command));
        }
    }

    /** It waits for no other command, but one that needs the schema may be the first which does. */
    private void pass(Client client, Command command) {
        boolean isPlain = tables.withoutSchema().isPlain(command.name(), command.arguments());
        if (isPlain || table.filter(known -> isPassed(command, known)).isPresent()) {
            sendUnread(client, command);
        } else {
            tasks.add(() -> decide(client, command));
        }
    }

    /** A newer qemu may have an argument that makes it no command of this class: it is judged as any other. */
    private static boolean isPassed(Command command, QmpTable known) {
        return known.classOf(command.name()) == CommandClass.PASS
                // One that this qemu has not, it refuses best itself.
                && (!known.isOfThisQemu(command.name()) || known.isHarmless(command.name(), command.arguments()));
    }

    private static void sendUnread(Client client, Command command) {
        client.close();
        client.verdict().accept(new Send(command, List.of(), After.NOTHING));
    }

    private void passAtOnce(Client client, Command command, AuditEntry entry) {
        client.close();
        means.log().add(entry.allowed());
        client.verdict().accept(new Send(command, List.of(), After.NOTHING));
    }

    private AuditEntry entry(Client client, Command command) {
        return AuditEntry.command(means.vm(), client.peer(), state.next(), command.name());
    }

    private void decide(Client client, Command command) {
        boolean isDecided = false;
        try {
            judge(client, command);
            isDecided = true;
        } finally {
            if (!isDecided) {
                client.refuseUndecided(commands.fault());
                // The next look settles what the fault has left undone.
                lookSoon();
            }
        }
    }

    private void judge(Client client, Command command) {
        CommandClass effect = tables.classOf(command.name());
        Optional<Objection> objection = forbidden.objection(command, effect, commands.graph());
        if (isEnded) {
            client.refuseUndecided(commands.fault());
        } else if (effect == CommandClass.DENY && objection.isEmpty()) {
            // Allowed by name: nothing is known of what it does, so a look follows.
            commands.send(client, command);
        } else if (CommandPreparer.isPlain(command, effect)) {
            commands.run(client, command, tables.withoutSchema());
        } else {
            table().ifPresentOrElse(
                            known -> judge(client, command, objection, known),
                            () -> client.refuseUndecided(commands.fault()));
        }
    }

    private void judge(Client client, Command command, Optional<Objection> objection, QmpTable known) {
        if (isPassed(command, known)) {
            sendUnread(client, command);
        } else if (!known.isOfThisQemu(command.name())) {
            // Its own answer is the best. It may lie: what passed without a judgement is on record.
            passAtOnce(client, command, entry(client, command).saying("qemu says that it has no such command"));
        } else if (objection.isPresent()) {
            commands.refuse(client, command, objection.get());
        } else {
            commands.run(client, command, known);
        }
    }

    @Override
    public void event(String name, JsonObject data) {
        if (!ENDINGS.contains(name)) {
            return;
        }
        jobs.event(name, data);
        switch (name) {
            case "DEVICE_DELETED" ->
                data.text("device")
                        .filter(id -> id.length() <= JobEnds.LONGEST_NAME)
                        .ifPresent(id -> ended(new HoldTrigger.QemuObject("device " + id)));
            case "MIGRATION" -> {
                String status = data.text("status").orElse("");
                if (status.equals("completed") || status.equals("failed") || status.equals("cancelled")) {
                    ended(new HoldTrigger.Migration());
                }
            }
            case "JOB_STATUS_CHANGE" -> {
                String status = data.text("status").orElse("");
                if (status.equals("concluded") || status.equals("null")) {
                    lookSoon();
                }
            }
            default -> lookSoon();
        }
    }

    @Override
    public Optional<JsonObject> shown(Command asked, JsonObject answer, byte[] raw) {
        return state.shown().of(asked.name(), answer, raw);
    }

    private void ended(HoldTrigger trigger) {
        told.add(trigger);
        lookSoon();
    }

    /** One look serves all events before it. */
    private void lookSoon() {
        if (!isLookDue.getAndSet(true)) {
            tasks.add(() -> {
                isLookDue.set(false);
                told.take().forEach(commands::end);
                commands.settle();
            });
        }
    }

    /** One more look serves all that settles until then. */
    private void settleLater() {
        if (isSettlingDue.getAndSet(true)) {
            return;
        }
        Thread.ofVirtual().start(() -> {
            try {
                Thread.sleep(SettlingFiles.TIME);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            isSettlingDue.set(false);
            lookSoon();
        });
    }

    @Override
    public void given(long set, HostPath file) {
        tasks.add(() -> state.ownSet(set, file));
    }

    @Override
    public void changed() {
        lookSoon();
    }

    /** The first task settles what an earlier service left. */
    @Override
    public void whenSettled(Runnable task) {
        tasks.add(task);
    }

    @Override
    public void ended(String reason) {
        isEnded = true;
        means.log().add(AuditEntry.of(AuditEvent.GUARD_DETACHED, means.vm()).saying(reason));
        commands.abandon();
        tasks.add(() -> {});
    }
}
