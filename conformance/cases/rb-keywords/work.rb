module Outer
  class Inner
    def self.show(n:, other: "dflt")
      puts "#{n} #{other}"
    end
  end
end
