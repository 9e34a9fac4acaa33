package labeler.cluster;

import static labeler.registry.TestFiles.done;
import static labeler.registry.TestFiles.drawing;
import static labeler.registry.TestFiles.start;
import static labeler.registry.TestFiles.started;
import static labeler.registry.TestFiles.vm;
import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import labeler.apply.Reverter;
import labeler.linux.LinuxException;
import labeler.problem.Problem;
import labeler.registry.ClaimId;
import labeler.registry.HostName;
import labeler.registry.Rebuild;
import labeler.selinux.CategoryPair;
import labeler.vm.VmName;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A base on shared storage that no VM of this host has on record, and whose label may go back. */
class SharedReturnsTest {
    private static final VmName WEB = vm("web");

    private final PoolBed bed;
    private final Logger log = (Logger) LoggerFactory.getLogger(SharedReturns.class);
    private final ListAppender<ILoggingEvent> lines = new ListAppender<>();

    /** The journal has the VM, and does not say that it has the base. */
    SharedReturnsTest(@TempDir Path directory) throws Exception {
        bed = new PoolBed(directory);
        started(bed.registry(), start("web", drawing(CategoryPair.of(1, 2)), bed.wanted()));
        done(bed.link().begin());
        bed.own().explain(Set.of(WEB));
        lines.start();
        log.addAppender(lines);
        log.setLevel(Level.INFO);
    }

    @AfterEach
    void close() throws Exception {
        log.detachAppender(lines);
        bed.close();
    }

    @Test
    void it_goes_back_when_the_vm_has_left_it() throws LinuxException {
        assertThat(bed.passage()).isInstanceOf(Reverter.Free.class);
        assertThat(bed.inRegistry(WEB)).isEmpty();
    }

    /** Its label could not be set, say, and that is tried again. */
    @Test
    void it_does_not_go_back_late_when_another_host_has_taken_this_ones_place() throws LinuxException {
        done(bed.returns().leave(WEB, Set.of(bed.file())));
        assertThat(bed.passage()).isInstanceOf(Reverter.Free.class);
        bed.registry().isTaken(bed.file(), new HostName("beta"));
        bed.minutesLater();

        assertThat(bed.passage()).isInstanceOf(Reverter.HeldElsewhere.class);
        assertThat(bed.own().restoring()).isEmpty();
        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.WARN);
            assertThat(line.getFormattedMessage()).contains("another host has done that");
        });
    }

    /** Another thread has said so, and the answer has come in between. */
    @Test
    void what_this_host_has_settled_itself_is_no_other_hosts_doing() throws LinuxException {
        done(bed.returns().leave(WEB, Set.of(bed.file())));
        done(bed.registry().restored(bed.own().restoring()));
        bed.minutesLater();

        Reverter.Passage _ = bed.passage();

        assertThat(lines.list).singleElement().satisfies(line -> {
            assertThat(line.getLevel()).isEqualTo(Level.INFO);
            assertThat(line.getFormattedMessage()).contains("is settled already");
        });
    }

    @Test
    void it_goes_back_late_when_it_is_still_this_hosts_to_give_back() throws LinuxException {
        done(bed.returns().leave(WEB, Set.of(bed.file())));
        bed.minutesLater();
        assertThat(bed.passage()).isInstanceOf(Reverter.Free.class);
    }

    /** A copy of the registry may say so that is older than what another host has. */
    @Test
    void nothing_goes_back_while_the_registry_is_filled_again() throws LinuxException {
        done(bed.returns().leave(WEB, Set.of(bed.file())));
        assertThat(bed.own().restoring(bed.file())).isPresent();
        ClaimId id = new ClaimId("rebuild");
        bed.rebuilds(Optional.of(new Rebuild(id, Set.of(PoolBed.HOST), Set.of(PoolBed.HOST), Map.of())));
        bed.link().lookForRebuild();
        assertThat(bed.passage())
                .isInstanceOfSatisfying(
                        Reverter.NotNow.class, wait -> assertThat(wait.kind()).isEqualTo(Problem.Kind.NO_REGISTRY));

        bed.rebuilds(Optional.of(new Rebuild(id, Set.of(), Set.of(), Map.of())));
        bed.link().lookForRebuild();
        assertThat(bed.passage()).isInstanceOf(Reverter.Free.class);
    }

    @Test
    void a_vm_that_is_about_to_take_it_on_record_keeps_it() throws LinuxException {
        PendingClaims.PendingClaim pending = bed.own().pendingClaims().join(WEB);
        assertThat(bed.passage())
                .isInstanceOfSatisfying(
                        Reverter.NotNow.class, wait -> assertThat(wait.kind()).isEqualTo(Problem.Kind.LABEL_NOT_SET));
        assertThat(bed.inRegistry(WEB)).containsExactly(bed.file());

        bed.own().pendingClaims().over(pending, false);
        assertThat(bed.passage()).isInstanceOf(Reverter.Free.class);
    }
}
