package labeler.guard.judge;

import static labeler.guard.judge.RuleCase.command;
import static labeler.waiting.Eventually.eventually;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import labeler.config.GuardConfig;
import labeler.guard.QmpClient;
import labeler.json.Json.JsonObject;
import labeler.linux.HostPath;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * A qemu that hangs in a file system does later what the guard has asked of it: what was given up is held until it has
 * answered, and is undone then. The files are on a file system without labels, so qemu gets descriptors.
 */
@Timeout(120)
class LateAnswersTest {
    private static final String ERROR = "{\"error\": {\"class\": \"GenericError\", \"desc\": \"no\"}, \"id\": \"";

    /** Of commands that qemu gets at once. */
    private static final int PLACES = 7;

    private final Path unlabelled;
    private final LyingBed bed;
    private final LyingQemu qemu;
    private final QmpClient client;
    private final List<QmpClient> others = new ArrayList<>();

    LateAnswersTest(@TempDir Path root) throws IOException {
        unlabelled = Files.createDirectory(root.resolve("unlabelled"));
        run("mount", "-t", "ramfs", "none", unlabelled.toString());
        bed = new LyingBed(
                root,
                new GuardConfig(List.of(), List.of(HostPath.of(unlabelled)), Optional.empty()),
                Duration.ofMillis(500));
        qemu = bed.liar();
        qemu.returns("query-fdsets", "[]");
        client = bed.begun();
    }

    @AfterEach
    void end() throws IOException {
        bed.close();
        run("umount", unlabelled.toString());
    }

    private static void run(String... words) throws IOException {
        assertThat(new ProcessBuilder(words).inheritIO().start().onExit().join().exitValue())
                .as(String.join(" ", words))
                .isZero();
    }

    /** A command that needs one, by a descriptor. */
    private String addition(String name) throws IOException {
        Path file = unlabelled.resolve(name);
        Files.write(file, new byte[4096]);
        return command(
                "blockdev-add",
                "'driver':'raw','node-name':'" + name + "','file':{'driver':'file','filename':'" + file + "'}");
    }

    private String error(String command) throws IOException {
        JsonObject answer = client.ask(command);
        return answer.get("error").map(Object::toString).orElse("no error: " + answer);
    }

    private boolean isHeld(String name) {
        HostPath path = HostPath.of(unlabelled.resolve(name));
        return bed.host().holds("liar").stream().anyMatch(hold -> hold.path().equals(path));
    }

    /** What qemu tells of the set that it has got. */
    private void given(String name) {
        qemu.returns(
                "query-fdsets",
                "[{\"fdset-id\": 8, \"fds\": [{\"fd\": 9, \"opaque\": \"labeler " + unlabelled.resolve(name)
                        + "\"}]}]");
        qemu.replies("remove-fd", id -> {
            qemu.returns("query-fdsets", "[]");
            qemu.answer(id, "{}");
        });
    }

    private long asked(String name) {
        return qemu.asked().stream().filter(name::equals).count();
    }

    @Test
    void a_descriptor_that_qemu_takes_late_keeps_its_file_until_it_is_taken_back() throws Exception {
        BlockingQueue<String> late = new LinkedBlockingQueue<>();
        qemu.replies("add-fd", late::add);

        assertThat(error(addition("disk"))).contains("labeler S11");
        assertThat(isHeld("disk")).isTrue();
        assertThat(error(addition("other"))).contains("labeler S15");
        assertThat(asked("add-fd")).isEqualTo(1);

        given("disk");
        qemu.answer(late.take(), "{\"fdset-id\": 8, \"fd\": 9}");
        eventually("taken back", () -> asked("remove-fd") > 0);
        eventually("let go", () -> !isHeld("disk"));
    }

    /** Whoever asked before has not got an answer either, and gets it. */
    @Test
    void a_descriptor_that_qemu_has_not_got_is_not_sent_any_more() throws Exception {
        BlockingQueue<String> late = new LinkedBlockingQueue<>();
        qemu.replies("query-name", late::add);
        try (QmpClient another = bed.client()) {
            another.write(command("query-name", ""));
            String asked = late.take();

            assertThat(error(addition("disk"))).contains("labeler S11");
            assertThat(isHeld("disk")).isFalse();

            qemu.answer(asked, "{}");
            assertThat(another.await(message -> message.get("event").isEmpty()).get("return"))
                    .isPresent();
            assertThat(another.ask(command("query-version", "")).get("return")).isPresent();
        }
        assertThat(asked("add-fd")).isZero();
        assertThat(bed.isEnded()).isFalse();
    }

    private static String overlayNode() {
        return "{\"node-name\": \"labeler-overlay\", \"drv\": \"file\", \"ro\": false, \"file\": \"/dev/fdset/8\"}";
    }

    /** Nodes of the disk, and of the overlay that is being formatted. */
    private void nodes(String... more) {
        String top = bed.path("top").toString();
        qemu.returns(
                "query-named-block-nodes",
                "[{\"node-name\": \"top-file\", \"drv\": \"file\", \"ro\": false, \"file\": \"" + top + "\"},"
                        + "{\"node-name\": \"top\", \"drv\": \"qcow2\", \"ro\": false, \"file\": \"" + top
                        + "\", \"image\": {\"virtual-size\": 4194304}}"
                        + (more.length == 0 ? "" : ", " + String.join(", ", more)) + "]");
        qemu.returns(
                "x-debug-query-block-graph",
                "{\"nodes\": [{\"id\": 1, \"name\": \"top-file\"}, {\"id\": 2, \"name\": \"top\"}], \"edges\": ["
                        + "{\"parent\": 2, \"child\": 1, \"name\": \"file\", \"perm\": [\"write\"]}]}");
    }

    private static String job(String status) {
        return "[{\"id\": \"labeler-overlay\", \"type\": \"create\", \"status\": \"" + status + "\"}]";
    }

    @Test
    void an_overlay_that_is_formatted_late_is_held_until_then_and_taken_away() throws Exception {
        nodes();
        qemu.returns("add-fd", "{\"fdset-id\": 8, \"fd\": 9}");
        given("overlay");
        qemu.replies("blockdev-create", id -> {
            nodes(overlayNode());
            qemu.returns("query-jobs", job("running"));
            qemu.answer(id, "{}");
        });
        qemu.replies("job-dismiss", id -> qemu.say(ERROR + id + "\"}"));
        qemu.replies("blockdev-del", id -> qemu.say(ERROR + id + "\"}"));
        String overlay = unlabelled.resolve("overlay").toString();

        assertThat(error(command(
                        "blockdev-snapshot-sync",
                        "'node-name':'top','snapshot-node-name':'over','format':'qcow2','snapshot-file':'" + overlay
                                + "'")))
                .contains("labeler S11");
        assertThat(isHeld("overlay")).isTrue();
        assertThat(error(addition("other"))).contains("labeler S15");

        qemu.replies("job-dismiss", id -> {
            qemu.returns("query-jobs", "[]");
            qemu.answer(id, "{}");
        });
        qemu.replies("blockdev-del", id -> {
            nodes();
            qemu.answer(id, "{}");
        });
        bed.host().journal().failAt(1);
        qemu.returns("query-jobs", job("concluded"));

        eventually("let go", () -> !isHeld("overlay"));
        eventually("removed", () -> !Files.exists(Path.of(overlay)));
        assertThat(client.ask(addition("other")).get("return")).isPresent();
    }

    /** It knows the length that its file had before; the guard has formatted that through a node of its own. */
    @Test
    void a_node_is_opened_anew_also_if_qemu_answers_late() throws Exception {
        qemu.returns(
                "query-named-block-nodes",
                "[{\"node-name\": \"n\", \"drv\": \"file\", \"ro\": false, \"file\": \"/dev/fdset/" + LyingBed.TOPS_SET
                        + "\"}]");
        qemu.returns("x-debug-query-block-graph", "{\"nodes\": [{\"id\": 1, \"name\": \"n\"}], \"edges\": []}");
        qemu.returns("add-fd", "{\"fdset-id\": " + LyingBed.TOPS_SET + ", \"fd\": 9}");
        qemu.replies("blockdev-create", id -> {
            qemu.returns("query-jobs", "[{\"id\": \"j\", \"type\": \"create\", \"status\": \"running\"}]");
            qemu.answer(id, "{}");
        });
        client.ask(LyingBed.removal());
        String create =
                command("blockdev-create", "'job-id':'j','options':{'driver':'qcow2','file':'n','size':1048576}");
        assertThat(client.ask(create).get("return")).isPresent();
        assertThat(asked("blockdev-add")).isEqualTo(1);

        BlockingQueue<String> late = new LinkedBlockingQueue<>();
        qemu.replies("blockdev-del", late::add);
        qemu.returns("query-jobs", "[]");
        assertThat(client.ask(command("job-dismiss", "'id':'j'")).get("return")).isPresent();
        assertThat(asked("remove-fd")).isZero();

        qemu.replies("blockdev-del", id -> qemu.answer(id, "{}"));
        qemu.answer(late.take(), "{}");
        eventually("the set is taken away", () -> asked("remove-fd") > 0);
        assertThat(asked("blockdev-add")).isEqualTo(2);
    }

    /** A command has failed, and nobody knows whether it has taken the descriptor. */
    @Test
    void a_descriptor_that_qemu_does_not_say_to_have_closed_keeps_its_file() throws Exception {
        Path file = Files.write(unlabelled.resolve("saved"), new byte[512]);
        assertThat(client.ask(command("getfd", "'fdname':'X'"), file).get("return"))
                .isPresent();
        BlockingQueue<String> late = new LinkedBlockingQueue<>();
        qemu.replies("migrate", id -> qemu.say(ERROR + id + "\"}"));
        qemu.replies("closefd", late::add);

        assertThat(error(command("migrate", "'uri':'fd:X'"))).contains("no");
        assertThat(isHeld("saved")).isTrue();

        qemu.replies("closefd", id -> qemu.answer(id, "{}"));
        qemu.answer(late.take(), "{}");
        assertThat(client.ask(command("closefd", "'fdname':'X'")).get("return")).isPresent();
        eventually("let go", () -> !isHeld("saved"));
    }

    /** The overlay is only read, and stands on a set that has a member already. */
    private void readOnlyOverlay() throws IOException {
        String file = "{\"node-name\": \"%s-file\", \"drv\": \"file\", \"ro\": true, \"file\": \"%s\"}";
        String image = "{\"node-name\": \"%s\", \"drv\": \"%s\", \"ro\": true}";
        qemu.returns(
                "query-named-block-nodes",
                "["
                        + String.join(
                                ", ",
                                file.formatted("over", "/dev/fdset/" + LyingBed.TOPS_SET),
                                image.formatted("over", "qcow2"),
                                image.formatted("middle", "qcow2"),
                                file.formatted("base", bed.path("base")),
                                image.formatted("base", "qcow2"))
                        + "]");
        qemu.returns(
                "x-debug-query-block-graph",
                "{\"nodes\": [{\"id\": 1, \"name\": \"over-file\"}, {\"id\": 2, \"name\": \"over\"},"
                        + " {\"id\": 3, \"name\": \"middle\"}, {\"id\": 4, \"name\": \"base-file\"},"
                        + " {\"id\": 5, \"name\": \"base\"}], \"edges\": ["
                        + "{\"parent\": 2, \"child\": 1, \"name\": \"file\"},"
                        + "{\"parent\": 2, \"child\": 3, \"name\": \"backing\"},"
                        + "{\"parent\": 3, \"child\": 5, \"name\": \"backing\"},"
                        + "{\"parent\": 5, \"child\": 4, \"name\": \"file\"}]}");
        qemu.returns("add-fd", "{\"fdset-id\": " + LyingBed.TOPS_SET + ", \"fd\": 9}");
        client.ask(LyingBed.removal());
    }

    /**
     * qemu's locks belong to such a member, and would be in the way when the job opens the overlay for writing. Others have
     * all places in qemu's queue when the judge takes this step, and leave them before the next one.
     */
    @ParameterizedTest
    @CsvSource({
        "'', remove-fd, add-fd",
        "'{\"fd\": 4}', remove-fd, change-backing-file",
        "'{\"fd\": 4}', query-fdsets, add-fd"
    })
    void a_job_does_not_begin_while_a_member_that_it_must_not_have_is_there(String fds, String step, String next)
            throws IOException {
        readOnlyOverlay();
        for (int place = 0; place < PLACES; place++) {
            others.add(bed.client());
        }
        qemu.returns("query-fdsets", "[{\"fdset-id\": " + LyingBed.TOPS_SET + ", \"fds\": [" + fds + "]}]");
        BlockingQueue<String> late = new LinkedBlockingQueue<>();
        qemu.replies("query-name", late::add);
        bed.beforeQuestion(step, () -> {
            takePlaces(late);
            bed.beforeQuestion(next, () -> leavePlaces(late));
        });

        assertThat(error(
                        command("block-commit", "'device':'over','job-id':'j','top-node':'middle','base-node':'base'")))
                .contains("labeler S11");
        leavePlaces(late);
        assertThat(qemu.asked()).doesNotContain("block-commit");
    }

    private void takePlaces(BlockingQueue<String> late) {
        try {
            for (QmpClient one : others) {
                one.write(command("query-name", ""));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        eventually("all places are taken", () -> late.size() == PLACES);
    }

    private void leavePlaces(BlockingQueue<String> late) {
        try {
            for (String id = late.poll(); id != null; id = late.poll()) {
                qemu.answer(id, "{}");
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
