package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import labeler.lifecycle.StartRequest;
import org.junit.jupiter.api.Test;

/** The same behind Landlock, where qemu has files by sets: each set is of one file. */
class SameNamesOnDescriptorsTest extends JoinedDiskHostTest {
    private static final Pattern SET = Pattern.compile("/dev/fdset/[0-9]+");

    private String image(String node) {
        return command(
                "blockdev-add",
                "'driver':'qcow2','node-name':'" + node
                        + "','read-only':true,'file':{'driver':'file','read-only':true,'filename':'"
                        + host.path("medium") + "'}");
    }

    @Test
    void a_file_that_has_taken_the_name_of_another_does_not_join_its_set() throws IOException {
        end();
        begin(Files.createDirectories(root.resolve("second")), StartRequest.Launch.RUN);
        JudgedQemu.make(host, "medium", "");
        JudgedQemu.make(host, "other", "");
        done(image("first"));
        Files.move(host.path("medium"), host.path("before"));
        Files.move(host.path("other"), host.path("medium"));

        done(image("second"));

        List<String> sets = SET.matcher(asked("query-named-block-nodes"))
                .results()
                .map(MatchResult::group)
                .distinct()
                .toList();
        assertThat(sets).hasSize(2);
    }
}
