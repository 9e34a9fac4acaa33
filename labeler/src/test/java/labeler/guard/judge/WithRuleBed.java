package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import labeler.config.GuardConfig;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** Tests against a real qemu with a chain of images: a new one for each. */
abstract class WithRuleBed {
    @TempDir
    Path root;

    RuleBed bed;

    @SuppressWarnings("NullAway.Init") // set before each test
    WithRuleBed() {}

    @BeforeEach
    void aVmWithAChain() throws IOException {
        bed = new RuleBed(root, GuardConfig.DEFAULT);
    }

    @AfterEach
    void close() throws IOException {
        bed.close();
    }

    /** The guard refuses it by this rule, and nothing has changed. */
    void refused(String rule, String command) throws IOException {
        String before = bed.state();
        assertThat(bed.refused(command)).as(command).startsWith("labeler " + rule + ": ");
        assertThat(RuleBed.changes(before, bed.state())).as(command).isEmpty();
    }
}
