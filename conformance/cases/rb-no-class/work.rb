class Work
end
