package labeler.chain.name;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.List;
import labeler.chain.FileName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class BlockOptionsTest {
    private static BlockOptions of(String json) {
        return BlockOptions.in(FileName.of("json:" + json));
    }

    /** As {@code driver name}. */
    private static List<String> named(String json) {
        assertThat(of(json)).isInstanceOf(BlockOptions.Named.class);
        return ((BlockOptions.Named) of(json))
                .references().stream()
                        .map(reference -> reference.driver() + " " + reference.name())
                        .toList();
    }

    private static void assertBroken(String json, String reason) {
        assertThat(of(json))
                .as(json)
                .isInstanceOfSatisfying(
                        BlockOptions.Broken.class,
                        broken -> assertThat(broken.reason()).contains(reason));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"driver\":\"raw\",\"file\":{\"driver\":\"file\",\"filename\":\"/a/b\"}}",
                "{\"driver\":\"raw\",\"file.driver\":\"file\",\"file.filename\":\"/a/b\"}",
                "{'driver':'raw','file':{'filename':'/a/b'}}",
                " { 'file.filename' :\t'/a/b' }\n",
                "{\"driver\":\"file\",\"filename\":\"/a/b\"}",
                "{\"filename\":\"\\/a\\u002fb\"}",
                "{\"driver\":\"raw\",\"offset\":512,\"size\":0,\"file\":{\"filename\":\"/a/b\"}}",
            })
    void a_file_is_one_file_nested_or_flat_in_either_quotes(String json) {
        assertThat(named(json)).containsExactly("file /a/b");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "{'driver':'qcow2','file':{'driver':'nbd','server':{'type':'inet','host':'h','port':'1'},'export':'x'}}"
                        + " | nbd server.type=inet,server.host=h,server.port=1,export=x",
                "{'file.driver':'nbd','file.server.type':'unix','file.server.path':'/s'}"
                        + " | nbd server.type=unix,server.path=/s",
                "{'driver':'nbd','path':'/s'} | nbd path=/s",
                "{'driver':'https','url':'https://h/x','readahead':1} | https https://h/x",
                "{'driver':'rbd','pool':'p','image':'i','conf':'/etc/c'} | rbd pool=p,image=i,conf=/etc/c",
                "{'driver':'gluster','volume':'v','path':'p','server':[{'type':'tcp','host':'h'}]}"
                        + " | gluster volume=v,path=p,server.0.type=tcp,server.0.host=h",
                "{'driver':'gluster','volume':'v','server':[ {'host':'a'} , {'host':'b'} ]}"
                        + " | gluster volume=v,server.0.host=a,server.1.host=b",
                "{'driver':'iscsi','portal':'p','target':'t','lun':0} | iscsi portal=p,target=t,lun=0",
                "{'driver':'ssh','server':{'host':'h','port':'22'},'path':'/x','user':'u'}"
                        + " | ssh server.host=h,server.port=22,path=/x",
                "{'driver':'nvme','device':'0000:01:00.0','namespace':1} | nvme device=0000:01:00.0,namespace=1",
                "{'driver':'vvfat','dir':'/etc','rw':true} | vvfat dir=/etc",
                "{'driver':'host_device','filename':'/dev/sda'} | host_device /dev/sda",
            })
    void what_is_no_file_is_named_by_its_options(String json, String name) {
        assertThat(named(json)).containsExactly(name);
    }

    @Test
    void each_child_is_named_by_itself() {
        assertThat(named("{'driver':'quorum','vote-threshold':1,'children':["
                        + "{'driver':'qcow2','file':{'filename':'a'}},{'driver':'raw','file.filename':'b'},'node']}"))
                .containsExactly("file a", "file b");
        assertThat(named("{'driver':'blkdebug','config':'/c','image':{'driver':'file','filename':'a'}}"))
                .containsExactly("file a", "blkdebug config=/c");
        assertThat(named("{'driver':'qcow2','file':{'filename':'a'},'backing':{'driver':'nbd','host':'h'}}"))
                .containsExactly("file a", "nbd host=h");
    }

    @Test
    void one_option_in_two_spellings_names_both() {
        assertThat(named("{'file.filename':'a','file':{'filename':'b'}}")).containsExactly("file a", "file b");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{}",
                "{'driver':'null-co','size':1}",
                "{'file':'node'}",
                "{'filename':''}",
                "{ 'a':[], 'b':{} , 'c':[ ], 'd':{ } }"
            })
    void what_names_nothing_is_nothing(String json) {
        assertThat(named(json)).isEmpty();
    }

    @Test
    void a_driver_is_printable_and_a_name_is_text_of_any_kind() {
        assertThat(named("{'driver':'\\u001b[1m','filename':'a\\u0009\\ud83d\\ude00'}"))
                .containsExactly("\\x1b[1m a\\x09\\xf0\\x9f\\x98\\x80");
    }

    @Test
    void what_json_can_hold_is_read() {
        assertThat(named("{\"a\":[1,-0.5e+10,true,false,null,[],{}],\"filename\":\"\\b\\f\\n\\r\\t\\\"\\'\\\\\\/\"}"))
                .containsExactly("file " + FileName.of("\b\f\n\r\t\"'\\/").printable());
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "`` | no JSON object",
                "[] | no JSON object",
                "'x' | no JSON object",
                "{ | no name",
                "{'a' | lacks a ':'",
                "{'a': | none of JSON's",
                "{'a':1 | lacks a ','",
                "{'a':1,} | no name",
                "{,} | no name",
                "{'a':[1,]} | none of JSON's",
                "{'a':[1} | lacks a ','",
                "{a:1} | no name",
                "{'a':1}} | behind",
                "{'a':1} x | behind",
                "{'a':1,'a':2} | twice",
                "{'a':'b\"} | lacks a",
                "{'a':'\\x'} | escape",
                "{'a':'\\u00g0'} | escape",
                "{'a':'\\u00 | escape",
                "{'a':'\\u0000'} | escape",
                "{'a':'\\ | escape",
                "{'\\ | escape",
                "{'a':[1,'\\\\\\ | escape",
                "{'a':tru} | none of JSON's",
                "{'a':01} | none of JSON's",
                "{'a':1.} | none of JSON's",
                "{'a':+1} | none of JSON's",
                "{'a':%s} | none of JSON's",
            })
    void what_qemu_does_not_take_is_broken(String json, String reason) {
        assertBroken(json, reason);
    }

    @Test
    void a_control_character_in_a_string_is_broken() {
        assertBroken("{'a':'\n'}", "control character");
        assertBroken("{'a':'\u001f'}", "control character");
        assertThat(named("{'filename':' '}")).hasSize(1);
    }

    @Test
    void bytes_that_are_not_utf8_are_broken() {
        FileName name = FileName.of("json:{'filename':'\u00e4'}".getBytes(StandardCharsets.ISO_8859_1));
        assertThat(BlockOptions.in(name)).isEqualTo(new BlockOptions.Broken("it is not UTF-8"));
    }

    @Test
    void sixty_four_levels_are_read_and_one_more_is_broken() {
        assertThat(of("{'a':" + "[".repeat(63) + "]".repeat(63) + "}")).isInstanceOf(BlockOptions.Named.class);
        assertBroken("{'a':" + "[".repeat(64) + "]".repeat(64) + "}", "deeper than 64");
        assertBroken("{'a':".repeat(4000), "deeper than 64");
    }
}
