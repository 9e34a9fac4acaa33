package labeler.lifecycle.follow;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import labeler.chain.Access;
import labeler.journal.HoldTrigger;
import labeler.lifecycle.CutJournal;
import labeler.vm.DeclaredUse;
import labeler.vm.VmName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The service is killed before and after each write to the journal; the next one repairs the labels. */
class FollowedFilesCrashTest {
    private static final VmName ONE = new VmName("one");
    private static final HoldTrigger COMMAND = new HoldTrigger.Command(1);

    @TempDir
    Path root;

    private interface Step {
        void run(FollowedHost host);
    }

    private enum Cut {
        BEFORE,
        AFTER
    }

    @Test
    void killed_while_files_are_taken() throws IOException {
        for (Cut cut : Cut.values()) {
            killed(cut, host -> {}, host -> host.take("one", COMMAND, uses(host)));
        }
    }

    @Test
    void killed_while_a_base_is_narrowed_and_a_file_is_given_back() throws IOException {
        for (Cut cut : Cut.values()) {
            killed(cut, host -> host.take("one", COMMAND, uses(host)), host -> host.end("one", COMMAND));
        }
    }

    private static DeclaredUse[] uses(FollowedHost host) {
        return new DeclaredUse[] {host.raw("base", Access.READ_WRITE), host.raw("other", Access.READ_WRITE)};
    }

    private void killed(Cut cut, Step before, Step step) throws IOException {
        try (FollowedHost host = new FollowedHost(root.resolve(cut.name()))) {
            host.raw("base");
            host.raw("other");
            String image = host.start("one", host.raw("base", Access.READ_ONLY));
            before.run(host);
            switch (cut) {
                case BEFORE -> host.journal().killBefore(1);
                case AFTER -> host.journal().killAfter(1);
            }
            try {
                step.run(host);
            } catch (CutJournal.Killed e) {
                assertThat(e).isNotNull();
            }
            host.restart();

            boolean isHeld = host.files().commands(ONE).contains(1L);
            assertThat(host.holds("one")).hasSize(isHeld ? 3 : 1);
            assertThat(host.settle("one", holds -> holds).problems()).isEmpty();
            host.lifecycle().recover(false, false);
            assertThat(host.label("base")).isEqualTo(isHeld ? image : FollowedHost.CONTENT);
            assertThat(host.label("other")).isEqualTo(isHeld ? image : FollowedHost.HOME);

            host.end("one", COMMAND);
            assertThat(host.label("base")).isEqualTo(FollowedHost.CONTENT);
            assertThat(host.label("other")).isEqualTo(FollowedHost.HOME);
            host.settle("one", _ -> List.of());
            assertThat(host.label("base")).isEqualTo(FollowedHost.HOME);
        }
    }
}
