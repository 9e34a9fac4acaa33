package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import labeler.chain.testing.Chains;
import labeler.chain.testing.DirectoryOpener;
import labeler.chain.testing.ImageDirectory;
import labeler.chain.testing.Qcow2Builder;
import labeler.chain.testing.VmdkBuilder;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Backing files that are given as a whole block device in JSON. */
class JsonBackingTest extends ImagesTest {
    private static final String FILE = "json:{'driver':'raw','offset':0,'file':{'driver':'file','filename':'base'}}";

    @Test
    void what_is_in_it_is_shown_and_not_opened() {
        images().raw("base").write("top", Qcow2Builder.overlay(FILE, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain))
                    .containsExactly("json " + FILE + " backing top", "file base backing top");
            assertThat(chain.external()).allMatch(Chain.External::followed);
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    private static String plain(String driver, String file) {
        return "json:{'driver':'" + driver + "','file':{'driver':'file','filename':'" + file + "'}}";
    }

    @Test
    void a_driver_and_an_absolute_file_name_are_the_file() {
        images().raw("base");
        String base = images().path("base").toString();
        images().write("middle", Qcow2Builder.overlay("base", "raw"));
        String middle = images().path("middle").toString();
        images().write("top", Qcow2Builder.overlay(plain("qcow2", middle), "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.names(chain)).containsExactly("top", middle, base);
            assertThat(chain.isComplete()).isTrue();
            assertThat(chain.external()).isEmpty();
            assertThat(chain.warnings()).isEmpty();
        }
    }

    @Test
    void the_recorded_format_counts_before_the_driver() {
        String base = images().raw("base").path("base").toString();
        images().write("top", Qcow2Builder.overlay(plain("qcow2", base), "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.nodes().getLast().format()).isEqualTo(ImageFormat.RAW);
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @Test
    void where_none_is_recorded_the_driver_is_the_format_and_nothing_is_guessed() {
        String base = images().raw("base").path("base").toString();
        images().write("top", Qcow2Builder.v3().backing(plain("raw", base)))
                .write("untold", Qcow2Builder.v3().backing("json:{'file.filename':'" + base + "'}"))
                .write("protocol", Qcow2Builder.v3().backing(plain("file", base)));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.nodes().getLast().format()).isEqualTo(ImageFormat.RAW);
            assertThat(chain.isComplete()).isTrue();
        }
        for (String name : List.of("untold", "protocol")) {
            try (Chain<DirectoryOpener.OpenedFile> chain = images().walk(name)) {
                assertThat(Chains.problems(chain)).containsExactly("FORMAT_UNSPECIFIED " + name);
                assertThat(Chains.names(chain)).containsExactly(name);
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "json:{'driver':'raw','file':{'driver':'file','filename':'BASE'},'offset':512}",
                "json:{'driver':'raw','file':{'driver':'host_device','filename':'BASE'}}",
                "json:{'driver':'raw','file':{'driver':'file','filename':'BASE','locking':'off'}}",
                "json:{'driver':'raw','file':{'driver':'file','filename':'BASE'},'file.filename':'BASE'}",
                "json:{'driver':'raw','file':{'driver':'file','filename':'./BASE'}}",
                "json:{'driver':'raw','filename':'BASE'}",
                "json:{'driver':'raw','file':'BASE'}",
                "json:{'driver':'raw'}",
                "json:{}"
            })
    void one_option_more_or_less_is_a_problem(String name) {
        String base = images().raw("base").path("base").toString();
        images().write("top", Qcow2Builder.overlay(name.replace("BASE", base), "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void a_circle_through_it_is_one() {
        String top = images().path("top").toString();
        images().write("top", Qcow2Builder.overlay(plain("qcow2", top), "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("LOOP top");
        }
    }

    @Test
    void what_is_all_behind_a_network_is_external_with_a_warning() {
        String name = "json:{'driver':'qcow2','file':{'driver':'nbd','server.type':'inet','server.host':'h',"
                + "'server.port':'1'}}";
        images().write("top", Qcow2Builder.overlay(name, "qcow2"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.isComplete()).isTrue();
            assertThat(Chains.warnings(chain)).containsExactly("UNSUPPORTED top");
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'driver':'rbd','pool':'p','namespace':'n','image':'i','user':'u','server':[{'host':'h','port':'1'}]}",
                "{'driver':'raw','file':{'driver':'ssh','host':'h','path':'/x','host-key-check':{'mode':'none'}}}",
                "{'driver':'gluster','volume':'v','path':'p','server':[{'type':'tcp','host':'h','port':'1'}]}",
                "{'driver':'https','url':'https://h/x','readahead':1}",
                "{'driver':'nbd','filename':'nbd://h/e'}"
            })
    void options_of_a_network_alone_are_taken(String json) {
        images().write("top", Qcow2Builder.overlay("json:" + json, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.isComplete()).isTrue();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'driver':'nvme','device':'0000:01:00.0','namespace':1}",
                "{'driver':'nbd','server':{'type':'unix','path':'/run/s'}}",
                "{'driver':'nbd','server.type':'fd','server.str':'3','export':'e'}",
                "{'driver':'nbd','path':'/run/s'}",
                "{'driver':'nbd','filename':'nbd:unix:/run/s'}",
                "{'driver':'qcow2','file':{'driver':'nbd','filename':'nbd+unix:///e?socket=/run/s'}}",
                "{'driver':'gluster','volume':'v','path':'p','server':[{'type':'unix','path':'/run/s'}]}",
                "{'driver':'gluster','volume':'v','path':'p','server.0.host':'h','logfile':'/l'}",
                "{'driver':'rbd','pool':'p','image':'i','conf':'/c'}",
                "{'driver':'rbd','pool':'p','image':'i','=keyvalue-pairs':'[\\'keyring\\',\\'/k\\']'}",
                "{'driver':'rbd','filename':'rbd:p/i:keyring=/k'}"
            })
    void options_of_a_network_disk_that_lead_to_this_host_are_a_problem(String json) {
        images().write("top", Qcow2Builder.overlay("json:" + json, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    /** For qemu the nested one counts, in either order. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "{'file':{'driver':'nbd','path':'/run/s'},'driver':'raw','file.driver':'gluster'}",
                "{'driver':'raw','file.driver':'gluster','file':{'driver':'nbd','path':'/run/s'}}",
                "{'driver':'gluster','volume':'v','path':'p','server':[{'type':'unix'}],'server.0.type':'tcp'}",
                "{'driver':'https','a':{'b.c':1},'a.b':{'c':2},'url':'https://h/x'}"
            })
    void an_option_that_is_there_nested_and_flat_is_a_problem(String json) {
        images().write("top", Qcow2Builder.overlay("json:" + json, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void an_empty_file_name_is_none() {
        images().write("top", Qcow2Builder.overlay("json:{'driver':'raw','file.filename':''}", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void a_name_that_is_json_beside_the_image_only_is_a_problem() {
        images().write("json:top", Qcow2Builder.overlay("base", "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("json:top")) {
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED json:top");
            assertThat(Chains.external(chain)).containsExactly("json base backing json:top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("json:top"));
        }
    }

    @Test
    void all_of_several_are_shown() {
        String name = "json:{'driver':'quorum','children':[{'driver':'host_device','filename':'/dev/sda'},"
                + "{'driver':'nbd','server.type':'unix','server.path':'/run/nbd'}]}";
        images().write("top", Qcow2Builder.overlay(name, "quorum"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain))
                    .contains(
                            "host_device /dev/sda backing top",
                            "nbd server.type=unix,server.path=/run/nbd backing top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void a_file_that_is_named_relative_to_the_process_is_shown_whatever_the_format() {
        String name = "json:{'driver':'qcow2','file':{'filename':'top'}}";
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain)).contains("file top backing top");
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"json:", "json:{", "json:{}x", "json:[]", "json:{'a':\"", "json:{'a':{'a':'\\x'}}"})
    void what_is_not_json_is_malformed(String name) {
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain)).containsExactly("json " + name + " backing top");
            assertThat(chain.external().getFirst().followed()).isFalse();
            assertThat(Chains.problems(chain)).containsExactly("MALFORMED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
        }
    }

    @Test
    void json_that_is_110_levels_deep_is_malformed() {
        String name = "json:" + "{'a':".repeat(110) + "1" + "}".repeat(110);
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.problems(chain)).containsExactly("MALFORMED top");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {" json:{}", "JSON:{}", "Json:{}"})
    void only_json_in_small_letters_at_the_very_start_is_json(String name) {
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(chain.external()).extracting(Chain.External::followed).containsExactly(false);
            assertThat(Chains.problems(chain)).containsExactly("UNSUPPORTED top");
        }
    }

    @Test
    void the_parent_of_vmdk_may_be_json_too() {
        // Its value ends at the first double quote, so it can have only single quotes.
        images().write(
                        "image",
                        VmdkBuilder.sparseFile(VmdkBuilder.descriptor("monolithicSparse")
                                .parent(FILE)
                                .text()));
        try (Chain<DirectoryOpener.OpenedFile> chain =
                images().walk(ImageDirectory.request("image", new ImageRequest.Declared(ImageFormat.VMDK)))) {
            assertThat(Chains.external(chain)).contains("file base backing image");
        }
    }
}
