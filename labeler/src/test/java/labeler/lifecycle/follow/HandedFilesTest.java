package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import labeler.chain.ImageFormat;
import labeler.chain.testing.Qcow2Builder;
import labeler.journal.FileHold;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.acquisition.JoinedFiles;
import labeler.lifecycle.acquisition.JoiningFiles;
import labeler.linux.Access;
import labeler.linux.HostPath;
import labeler.linux.fake.FakeLinux;
import labeler.openfiles.OpenMode;
import labeler.plan.Treatment;
import labeler.problem.Problem;
import labeler.vm.ChainLayer;
import labeler.vm.DeclaredUse;
import labeler.vm.FileRole;
import labeler.vm.ImageChain;
import labeler.vm.Origin;
import labeler.vm.UseAccess;
import labeler.vm.VmName;
import labeler.vm.qemu.handover.DescriptorSet;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A file system that stores no labels cannot be had without a mount, so the kernel is one in memory here. */
class HandedFilesTest {
    private static final HoldTrigger JOB = new HoldTrigger.Job("j");

    private final FakeLinux kernel = new FakeLinux();
    private final FollowedHost host;

    /** Two VMs that run. */
    HandedFilesTest(@TempDir Path root) throws IOException {
        kernel.mount("/nfs").withoutAttributes();
        kernel.file("/nfs/base", new byte[512]);
        kernel.file("/nfs/top", Qcow2Builder.overlay("base", "raw").build());
        host = new FollowedHost(root, Path.of("/nfs"), kernel.linux());
        host.start("one");
        host.start("two");
    }

    @AfterEach
    void nothingIsLeftOpen() throws IOException {
        host.close();
        assertThat(kernel.openDescriptors()).isZero();
    }

    /** As a command with one set for each layer that is handed over, the top for writing. */
    private static JoiningFiles.Rewriting sets(List<ImageChain> chains, Predicate<HostPath> handed) {
        List<DescriptorSet> sets = new ArrayList<>();
        for (ImageChain chain : chains) {
            for (ChainLayer layer : chain.layers().toList()) {
                if (handed.test(layer.path())) {
                    Access access = layer.equals(chain.image()) ? Access.READ_WRITE : Access.READ_ONLY;
                    sets.add(new DescriptorSet(sets.size() + 1, layer.path(), access, false));
                }
            }
        }
        return new JoiningFiles.Rewritten(sets);
    }

    private TakeOutcome take(String vm, int asker, WantedFiles.Rewriting rewriting, DeclaredUse... uses) {
        return host.files()
                .take(
                        host.files().run(new VmName(vm)),
                        new WantedFiles(
                                JOB,
                                FollowedHost.definition(uses),
                                asker,
                                FollowedHost.OWNER,
                                WantedFiles.Check.NONE,
                                rewriting));
    }

    private DeclaredUse top() {
        return host.image("top", ImageFormat.QCOW2, labeler.chain.Access.READ_WRITE);
    }

    @Test
    void where_no_label_can_be_stored_every_layer_is_open_for_the_command() {
        int open = kernel.openDescriptors();

        assertThat(take("one", 0, HandedFilesTest::sets, top()))
                .isInstanceOfSatisfying(TakeOutcome.Taken.class, outcome -> {
                    JoinedFiles taken = outcome.files();
                    assertThat(taken.descriptors()).hasSize(2);
                    assertThat(kernel.openDescriptors()).isEqualTo(open + 2);
                    assertThat(taken.handed().test(host.hostPath("base"))).isTrue();
                    assertThat(taken.holds()).extracting(FileHold::treatment).containsOnly(Treatment.PASS);
                    assertThat(taken.holds().getFirst().handed())
                            .containsExactly(new OpenMode(Access.READ_WRITE, false));
                    taken.close();
                });

        assertThat(kernel.openDescriptors()).isEqualTo(open);
    }

    @Test
    void a_file_without_a_label_has_one_writer_for_as_long_as_its_holds_last() {
        assertThat(take("one", 0, HandedFilesTest::sets, base(labeler.chain.Access.READ_ONLY)))
                .isInstanceOfSatisfying(
                        TakeOutcome.Taken.class, taken -> taken.files().close());
        assertThat(take("one", 0, HandedFilesTest::sets, base(labeler.chain.Access.READ_WRITE)))
                .isInstanceOfSatisfying(
                        TakeOutcome.Taken.class, taken -> taken.files().close());

        assertThat(take("two", 0, HandedFilesTest::sets, base(labeler.chain.Access.READ_ONLY)))
                .isInstanceOfSatisfying(
                        TakeOutcome.Refused.class,
                        refused -> assertThat(refused.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.IN_USE));

        host.settle("one", holds -> holds.stream().map(FileHold::reading).toList());
        assertThat(take("two", 0, HandedFilesTest::sets, base(labeler.chain.Access.READ_ONLY)))
                .isInstanceOfSatisfying(
                        TakeOutcome.Taken.class, taken -> taken.files().close());
        host.end("two", JOB);
        host.end("one", JOB);
        assertThat(take("two", 0, HandedFilesTest::sets, base(labeler.chain.Access.READ_WRITE)))
                .isInstanceOfSatisfying(
                        TakeOutcome.Taken.class, taken -> taken.files().close());
    }

    private DeclaredUse base(labeler.chain.Access access) {
        return host.raw("base", access);
    }

    @Test
    void what_cannot_be_handed_over_is_refused_and_nothing_is_held() {
        assertThat(take(
                        "one",
                        0,
                        (_, _) -> new JoiningFiles.NotPossible(
                                List.of(Problem.of(Problem.Kind.LABELS_UNAVAILABLE, "by its name alone"))),
                        top()))
                .isInstanceOfSatisfying(
                        TakeOutcome.Refused.class,
                        refused -> assertThat(refused.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.LABELS_UNAVAILABLE));
        assertThat(host.holds("one")).isEmpty();
    }

    @Test
    void nothing_is_handed_over_for_a_user_who_is_not_root() {
        assertThat(take("one", 1000, HandedFilesTest::sets, top()))
                .isInstanceOfSatisfying(
                        TakeOutcome.Refused.class,
                        refused -> assertThat(refused.problems())
                                .extracting(Problem::kind)
                                .containsOnly(Problem.Kind.LABELS_UNAVAILABLE));
    }

    @Test
    void nothing_is_made_for_a_user_who_is_not_root() {
        kernel.directory("/vm");
        DeclaredUse.FileUse made =
                new DeclaredUse.FileUse(new Origin("target"), FileRole.DISK, HostPath.of("/vm/new"), UseAccess.CREATE);

        assertThat(take("one", 1000, HandedFilesTest::sets, made))
                .isInstanceOfSatisfying(
                        TakeOutcome.Refused.class,
                        refused -> assertThat(refused.problems())
                                .extracting(Problem::kind)
                                .containsExactly(Problem.Kind.MISSING));
    }
}
