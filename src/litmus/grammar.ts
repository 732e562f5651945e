import { grammar } from 'ohm-js';

/** The litmus format. White space and (* comments *) may stand anywhere. */
export const litmusGrammar = grammar(String.raw`
  Litmus {
    File        = "gmem" testName title? Initial With? Header Row+ Clause*
    testName    = (alnum | "_" | "-" | "." | "+")+
    title       = "\"" (~"\"" any)* "\""

    Initial     = "{" Assignment* "}"
    Assignment  = vmName? Place "=" Values ";"
    Values      = "(" NonemptyListOf<value, ","> ")"  -- several
                | value                               -- one

    With        = "with" "{" Change* "}"
    Change      = "drop" Step Given? ";"              -- drop
                | "skip" stepName Given? ";"          -- skip
                | "swap" Step Step ";"                -- swap
                | "move" Step "after" Step ";"        -- move
    Step        = (stepName ":")? stepName
    Given       = "=" Values

    Header      = NonemptyListOf<actorName, "|"> ";"
    actorName   = vmName? letter (alnum | "_")*
    vmName      = "vm" digit ":"
    Row         = NonemptyListOf<Cell, "|"> ";"
    Cell        = (~beginsClause Operation)?
    Operation   = word "(" ListOf<value, ","> ")"     -- call
                | "after" actorName ":" word          -- after
                | word ":" value+                     -- guest
                | ("read" | "write") value+           -- host

    Clause      = Check | Condition | Expect
    beginsClause = (quantifier | "expect" | "check") ~(alnum | "_")
    Check       = "check" "only"? Checked+ ";"?
    Checked     = ~quantifier ~"expect" ~"check" value
    Condition   = quantifier Expression
    quantifier  = "exists" | "~exists" | "forall" | "always" | "never"
    Expect      = "expect" protocol+ ":" Outcome
    protocol    = (alnum | "_" | "-" | "." | "+" | "~")+
    Outcome     = "violated" value InSteps?           -- violated
                | "holds" InSteps?                    -- holds
    InSteps     = "in" number ("steps" | "step") Preempted?
    Preempted   = "," number ("preemptions" | "preemption")

    Expression  = Expression "\\/" Conjunction        -- or
                | Conjunction
    Conjunction = Conjunction "/\\" Negation          -- and
                | Negation
    Negation    = "~" Negation                        -- not
                | Primary
    Primary     = "(" Expression ")"                  -- group
                | Order
                | Comparison
    Order       = Event ("->" Event)+                 -- sequence
                | Event "during" Event                -- during
    Event       = actorName "@" stepName (":" stepName)?
    stepName    = "\"" (~"\"" any)+ "\""              -- quoted
                | (letter | "_") (alnum | "_")*       -- plain
    Comparison  = Subject relation value              -- compare
                | Subject                             -- truth
    Subject     = actorName ":" Place                 -- actor
                | vmName Place                        -- vm
                | Place                               -- place
    relation    = "!=" | "<=" | ">=" | "=" | "<" | ">"

    Place       = word "[" number "]"                 -- indexed
                | word                                -- plain
    value       = "-"? (alnum | "_")+ ("." alnum+)?
    number      = digit+
    word        = letter (alnum | "_")*

    space      += comment
    comment     = "(*" (~"*)" any)* "*)"
  }
`);
