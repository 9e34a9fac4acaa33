package labeler.chain;

import static org.assertj.core.api.Assertions.assertThat;

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
            assertThat(Chains.warnings(chain)).containsExactly("UNSUPPORTED top");
            assertThat(images().opener().asked()).containsExactly(FileName.of("top"));
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
    void a_recorded_format_that_differs_does_not_matter() {
        String name = "json:{'driver':'qcow2','file':{'filename':'top'}}";
        images().write("top", Qcow2Builder.overlay(name, "raw"));
        try (Chain<DirectoryOpener.OpenedFile> chain = images().walk("top")) {
            assertThat(Chains.external(chain)).contains("file top backing top");
            assertThat(chain.problems()).isEmpty();
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
        // Its value ends at the first double quote, so that only single quotes can be in it.
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
