package labeler.guard.judge;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import labeler.guard.QmpClient;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Commands that touch no file, at a qemu whose schema has more arguments of them than the table knows. */
@Timeout(120)
class PassedCommandsTest {
    /** As qemu 10.2 has it, with an argument that no qemu has yet. */
    private static final String NEWER = """
            [{"name":"migrate-set-parameters","meta-type":"command","arg-type":"1","ret-type":"0"},
             {"name":"migrate-set-capabilities","meta-type":"command","arg-type":"2","ret-type":"0"},
             {"name":"qom-get","meta-type":"command","arg-type":"3","ret-type":"0"},
             {"name":"set-action","meta-type":"command","arg-type":"5","ret-type":"0"},
             {"name":"0","meta-type":"object","members":[]},
             {"name":"1","meta-type":"object","members":[
               {"name":"mode","default":null,"type":"6"},
               {"name":"multifd-channels","default":null,"type":"int"},
               {"name":"tls-hostname","default":null,"type":"str"},
               {"name":"cpr-exec-command","default":null,"type":"[str]"},
               {"name":"new","default":null,"type":"str"},
               {"name":"deep","default":null,"type":"1"}]},
             {"name":"2","meta-type":"object","members":[{"name":"capabilities","type":"[4]"}]},
             {"name":"3","meta-type":"object","members":[
               {"name":"path","type":"str"},{"name":"property","type":"str"},
               {"name":"new","default":null,"type":"str"}]},
             {"name":"4","meta-type":"object","members":[
               {"name":"capability","type":"6"},{"name":"state","type":"bool"}]},
             {"name":"5","meta-type":"object","members":[{"name":"reboot","default":null,"type":"6"}]},
             {"name":"6","meta-type":"enum","members":[]},
             {"name":"[4]","meta-type":"array","element-type":"4"},
             {"name":"[str]","meta-type":"array","element-type":"str"},
             {"name":"str","meta-type":"builtin","json-type":"string"},
             {"name":"int","meta-type":"builtin","json-type":"int"},
             {"name":"bool","meta-type":"builtin","json-type":"boolean"}]
            """;

    private final LyingBed bed;
    private final LyingQemu qemu;

    PassedCommandsTest(@TempDir Path root) throws IOException {
        bed = new LyingBed(root);
        qemu = bed.liar();
        qemu.returns("query-qmp-schema", NEWER.replace("\n", ""));
    }

    @AfterEach
    void close() throws IOException {
        bed.close();
    }

    private static String parameters(String arguments) {
        return RuleCase.command("migrate-set-parameters", arguments);
    }

    @Test
    void a_program_among_the_parameters_of_a_migration_is_refused() throws IOException {
        QmpClient client = bed.begun();

        assertThat(client.ask(parameters("'mode':'cpr-exec','cpr-exec-command':['/bin/sh','-c','id']"))
                        .toString())
                .contains("labeler C2: migrate-set-parameters cpr-exec-command");
        assertThat(qemu.asked()).doesNotContain("migrate-set-parameters");
        assertThat(bed.said("migrate-set-parameters")).hasSize(1);
    }

    @Test
    void a_text_that_the_table_does_not_know_is_refused_wherever_it_stands() throws IOException {
        QmpClient client = bed.begun();

        for (String command : new String[] {
            parameters("'new':'/etc/shadow'"),
            parameters("'deep':{'new':'/etc/shadow'}"),
            RuleCase.command("qom-get", "'path':'/machine','property':'type','new':'/etc/shadow'")
        }) {
            assertThat(client.ask(command).toString()).as(command).contains("labeler C1: ");
        }
        assertThat(qemu.asked()).doesNotContain("migrate-set-parameters", "qom-get");
    }

    @Test
    void what_the_table_knows_is_passed_on_and_leaves_no_line() throws IOException {
        QmpClient client = bed.begun();

        for (String command : new String[] {
            parameters("'multifd-channels':2,'mode':'normal','tls-hostname':'there'"),
            RuleCase.command("qom-get", "'path':'/machine','property':'type'"),
            RuleCase.command("set-action", "'reboot':'shutdown'"),
            // qemu's own word about one that it has not is the best.
            RuleCase.command("send-key", "'keys':[{'type':'qcode','data':'a'}]")
        }) {
            assertThat(client.ask(command).get("return")).as(command).isPresent();
        }
        assertThat(qemu.asked()).contains("migrate-set-parameters", "qom-get", "set-action", "send-key");
        assertThat(bed.said("migrate-set-parameters")).isEmpty();
    }

    /** A start of libvirt's has a thousand of these; the schema has two hundred kilobytes. */
    @Test
    void what_needs_no_schema_has_none_asked_for() throws IOException {
        qemu.begin();
        QmpClient client = bed.client();

        for (String command : new String[] {
            RuleCase.command("qom-get", "'path':'/machine','property':'type'"),
            RuleCase.command("migrate-set-capabilities", "'capabilities':[{'capability':'events','state':true}]"),
            RuleCase.command("set_password", "'protocol':'vnc','password':'x'"),
            RuleCase.command("balloon", "'value':1")
        }) {
            assertThat(client.ask(command).get("return")).as(command).isPresent();
        }
        assertThat(qemu.asked()).doesNotContain("query-qmp-schema");
    }
}
