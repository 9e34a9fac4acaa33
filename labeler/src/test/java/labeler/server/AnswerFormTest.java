package labeler.server;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.AutoClose;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Answers in brief, and in the text of the command line; and how long they are. */
class AnswerFormTest {
    private static final int VMS = 40;

    /** Bytes of a VM in a list, whatever its files. A whole one of fifty files has twenty thousand. */
    private static final int MOST_IN_BRIEF = 110;

    private static final int MOST_IN_TEXT = 60;

    /** Bytes of what surrounds the VMs. */
    private static final int FRAME = 100;

    private static final String START = "2\0/vm\0qemu-system-x86_64\0-S\0";

    @AutoClose
    private final TestServer server;

    AnswerFormTest(@TempDir Path directory) throws IOException {
        server = TestServer.start(directory);
    }

    private static String body(String answer) {
        return answer.substring(answer.indexOf("\r\n\r\n") + 4);
    }

    private String started(String name) throws IOException {
        return server.post("/v1/vms/" + name + "/start?arguments=true&text=plain", START);
    }

    @Test
    void a_start_of_arguments_is_that_command_line() throws IOException {
        assertThat(started("web1"))
                .startsWith("HTTP/1.1 200")
                .contains("\r\n\r\n0\035\035web1  running, level s0:c12,c345\n");

        assertThat(server.commandLines())
                .singleElement()
                .satisfies(line -> assertThat(line)
                        .extracting(argument -> new String(argument, StandardCharsets.ISO_8859_1))
                        .containsExactly("qemu-system-x86_64", "-S"));
        assertThat(server.lifecycle()
                        .starts()
                        .getFirst()
                        .commandLine()
                        .orElseThrow()
                        .workingDirectory())
                .hasToString("/vm");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "\0",
                "2\0/vm\0qemu\0",
                "2\0/vm\0qemu\0-S",
                "1\0/vm\0qemu\0-S\0",
                "0\0/vm\0",
                "1\0vm\0qemu\0",
                "1\0\0qemu\0",
                "01\0/vm\0qemu\0",
                "x\0/vm\0qemu\0",
                "{\"argv\":[\"q\"],\"workingDirectory\":\"/\"}"
            })
    void a_body_that_was_cut_off_or_is_no_such_list_starts_nothing(String body) throws IOException {
        assertThat(server.post("/v1/vms/web1/start?arguments=true&text=plain", body))
                .startsWith("HTTP/1.1 400");

        assertThat(server.lifecycle().starts()).isEmpty();
    }

    @Test
    void a_refusal_in_text_has_the_status_and_the_exit_code_of_the_command() throws IOException {
        assertThat(started("conflict"))
                .startsWith("HTTP/1.1 409")
                .endsWith("\r\n\r\n4\035labeler: /vm/top.qcow2: the rule, and the way out\n\035\035");
        assertThat(server.get("/v1/vms/none?text=plain"))
                .startsWith("HTTP/1.1 404")
                .endsWith("\r\n\r\n1\035labeler: no VM named none is held; labeler status lists them\n\035\035");
    }

    @Test
    void an_unknown_form_does_nothing() throws IOException {
        assertThat(server.post("/v1/vms/web1/start?arguments=true&text=html", START))
                .startsWith("HTTP/1.1 400");
        assertThat(server.post("/v1/vms/web1/stop?text=", "")).startsWith("HTTP/1.1 400");
        assertThat(server.get("/v1/vms?text=loud")).startsWith("HTTP/1.1 400");

        assertThat(server.lifecycle().starts()).isEmpty();
    }

    @Test
    void no_text_has_the_character_that_parts_it() throws IOException {
        server.lifecycle().withoutWalls();
        server.lifecycle().warn("a\035b\033[2J");

        assertThat(body(started("web1")).split("\035", -1)).hasSize(4);
    }

    @Test
    void a_list_is_short_in_brief_and_in_text() throws IOException {
        for (int i = 0; i < VMS; i++) {
            started("vm-%04d".formatted(i));
        }

        String brief = body(server.get("/v1/vms?brief=true"));
        String text = body(server.get("/v1/vms?text=plain"));

        assertThat(brief)
                .contains("{\"vm\":\"vm-0000\",\"state\":\"running\",\"pid\":null,\"level\":\"s0:c12,c345\","
                        + "\"walls\":[\"selinux\"],\"fileCount\":3}")
                .doesNotContain("files", "/vm/top.qcow2");
        assertThat(brief.length()).isBetween(VMS * MOST_IN_BRIEF / 2, VMS * MOST_IN_BRIEF + FRAME);
        assertThat(text.length()).isBetween(VMS * MOST_IN_TEXT / 2, VMS * MOST_IN_TEXT + FRAME);
        assertThat(text.lines().skip(1)).hasSize(VMS + 1);
    }
}
